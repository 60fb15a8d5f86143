"""Public keys in a JSON Web Key Set: which of them can sign for us, and which one a token names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jwt

ALGORITHMS: Final = ("RS384", "ES384")
_TYPES: Final = {"RS384": "RSA", "ES384": "EC"}
_LEAST_RSA_BITS: Final = 2_048
_PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "k"}


def key_set_problem(key_set: object) -> str:
    """Return what is wrong with a key set, as a code; "" where nothing is."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(one, Mapping) for one in keys):
        return "no_keys"
    if any(_PRIVATE & one.keys() for one in keys):
        return "private"
    return "" if any(_usable(one, algorithm) for one in keys for algorithm in ALGORITHMS) else "unusable"


def key_named(key_set: Mapping[str, Any], header: Mapping[str, Any]) -> Any:
    """Return the key that a token's header names; without a name the only one that fits. None where there is none."""
    algorithm = header["alg"]
    fitting = [one for one in key_set.get("keys", []) if _usable(one, algorithm)]
    if header.get("kid") is not None:
        fitting = [one for one in fitting if one.get("kid") == header["kid"]]
    return jwt.PyJWK(fitting[0], algorithm).key if len(fitting) == 1 else None


def _usable(key: Mapping[str, Any], algorithm: str) -> bool:
    if key.get("kty") != _TYPES[algorithm] or key.get("use", "sig") != "sig":
        return False
    if key.get("alg", algorithm) != algorithm:
        return False
    try:
        found = jwt.PyJWK(dict(key), algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return False
    return algorithm != "RS384" or found.key_size >= _LEAST_RSA_BITS
