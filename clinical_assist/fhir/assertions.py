"""Signed assertions (JWT) of other systems: whose they are, that they are for us, fresh, and used once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

import jwt

from llmasos.inference.valkey import UNREACHABLE, client

ALGORITHMS: Final = ("RS384", "ES384")
LONGEST_SECONDS: Final = 300
_LEEWAY: Final = 30
_LONGEST_TOKEN: Final = 8_192
_KEY_TYPES: Final = {"RS384": "RSA", "ES384": "EC"}
_LEAST_RSA_BITS: Final = 2_048
_REQUIRED: Final = ["exp", "iss", "aud", "jti"]
_PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "k"}

Kind = Literal["client", "caller"]


class RefusedAssertionError(Exception):
    """An assertion that is not accepted; ``code`` is for the log and says nothing of anybody."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def key_set_problem(key_set: object) -> str:
    """Return what is wrong with a key set that somebody registers, as a code; "" where nothing is."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(one, Mapping) for one in keys):
        return "no_keys"
    if any(_PRIVATE & one.keys() for one in keys):
        return "private"
    return "" if any(_usable(one, algorithm) for one in keys for algorithm in ALGORITHMS) else "unusable"


def issuer_of(token: str) -> str:
    """Return who an assertion says it is of, before anything is believed. Raises RefusedAssertionError."""
    if len(token) > _LONGEST_TOKEN:
        raise RefusedAssertionError("format")
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError) as error:
        raise RefusedAssertionError("format") from error
    issuer = claims.get("iss")
    # What cannot be printed names nobody, and some of it no database takes.
    if not isinstance(issuer, str) or not issuer.isprintable():
        raise RefusedAssertionError("format")
    return issuer


def verify(
    token: str,
    key_set: Mapping[str, Any],
    *,
    issuer: str,
    audiences: Sequence[str],
    kind: Kind,
    organisation_id: UUID,
) -> Mapping[str, Any]:
    """Return the claims of an assertion by ``issuer`` for one of ``audiences``.

    Raises:
        RefusedAssertionError: signature, issuer, audience or times are not what they must be, it lives longer than five
            minutes, or it was used before. Also where nobody can tell whether it was used.
    """
    try:
        header = jwt.get_unverified_header(token)
        claims: Mapping[str, Any] = jwt.decode(
            token,
            _key(key_set, header),
            algorithms=[str(header["alg"])],
            issuer=issuer,
            audience=list(audiences),
            leeway=_LEEWAY,
            options={"require": _REQUIRED},
        )
    except jwt.ExpiredSignatureError as error:
        raise RefusedAssertionError("expired") from error
    except jwt.InvalidAudienceError as error:
        raise RefusedAssertionError("audience") from error
    except jwt.InvalidIssuerError as error:
        raise RefusedAssertionError("issuer") from error
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise RefusedAssertionError("signature") from error
    left = float(claims["exp"]) - time.time()
    if left > LONGEST_SECONDS + _LEEWAY:
        raise RefusedAssertionError("lifetime")
    _use_once(kind, organisation_id, issuer, str(claims["jti"]))
    return claims


def _key(key_set: Mapping[str, Any], header: Mapping[str, Any]) -> Any:
    """Return the key that the header names; without a name the only one that fits."""
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise RefusedAssertionError("algorithm")
    fitting = [one for one in key_set.get("keys", []) if _usable(one, algorithm)]
    if header.get("kid") is not None:
        fitting = [one for one in fitting if one.get("kid") == header["kid"]]
    if len(fitting) != 1:
        raise RefusedAssertionError("key")
    return jwt.PyJWK(fitting[0], algorithm).key


def _usable(key: Mapping[str, Any], algorithm: str) -> bool:
    if key.get("kty") != _KEY_TYPES[algorithm] or key.get("use", "sig") != "sig":
        return False
    if key.get("alg", algorithm) != algorithm:
        return False
    try:
        found = jwt.PyJWK(dict(key), algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return False
    return algorithm != "RS384" or found.key_size >= _LEAST_RSA_BITS


def _use_once(kind: Kind, organisation_id: UUID, issuer: str, jti: str) -> None:
    used = hashlib.sha256(f"{issuer}\0{jti}".encode()).hexdigest()
    place = f"llmasos:clinical:jti:{kind}:{organisation_id}:{used}"
    try:
        is_new = client().set(place, b"1", nx=True, ex=LONGEST_SECONDS + 4 * _LEEWAY)
    except UNREACHABLE as error:
        raise RefusedAssertionError("away") from error
    if not is_new:
        raise RefusedAssertionError("replayed")
