"""Keys and assertions of an invented system."""

from __future__ import annotations

import functools
import json
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ISSUER = "https://records.example/hooks"


@functools.cache
def private_key(name: str = "own") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


def key_set(name: str = "own", *, kid: str = "one") -> dict[str, Any]:
    public = json.loads(ECAlgorithm.to_jwk(private_key(name).public_key()))
    return {"keys": [{**public, "kid": kid, "alg": "ES384", "use": "sig"}]}


def assertion(audience: str, *, key: str = "own", kid: str = "one", algorithm: str = "ES384", **changed: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": ISSUER, "aud": audience, "iat": now, "exp": now + 240, "jti": str(uuid4())}
    secret: Any = private_key(key) if algorithm == "ES384" else "0" * 64
    return jwt.encode(claims | changed, secret, algorithm=algorithm, headers={"kid": kid})
