"""Signed assertions (JWT) of other systems: whose they are, that they are for us, fresh, and used once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Protocol
from uuid import UUID

import jwt

from clinical_assist.fhir.key_sets import KeySetAwayError, key_set_at
from clinical_assist.fhir.keys import ALGORITHMS, key_named
from llmasos.inference.valkey import UNREACHABLE, client

LONGEST_SECONDS: Final = 300
_LEEWAY: Final = 30
_LONGEST_TOKEN: Final = 8_192
_REQUIRED: Final = ["exp", "iss", "aud", "jti"]

Kind = Literal["client", "caller"]


class Registered(Protocol):
    """A system with its public keys: as they were given, or the address at which it publishes them."""

    key_set: Any
    key_set_url: str


class RefusedAssertionError(Exception):
    """An assertion that is not accepted; ``code`` is for the log and says nothing of anybody."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
    registered: Registered,
    *,
    issuer: str,
    audiences: Sequence[str],
    kind: Kind,
    organisation_id: UUID,
) -> Mapping[str, Any]:
    """Return the claims of an assertion by ``issuer``, of whom ``registered`` has the keys, for one of ``audiences``.

    Raises:
        RefusedAssertionError: signature, issuer, audience or times are not what they must be, it lives longer than five
            minutes, or it was used before. Also where nobody can tell whether it was used.
    """
    try:
        header = jwt.get_unverified_header(token)
        claims: Mapping[str, Any] = jwt.decode(
            token,
            _key(registered, header),
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


def _key(registered: Registered, header: Mapping[str, Any]) -> Any:
    """Return the key that a header names; published keys are asked for once more where none of them has the name."""
    if header.get("alg") not in ALGORITHMS:
        raise RefusedAssertionError("algorithm")
    if not registered.key_set_url:
        found = key_named(registered.key_set, header)
    else:
        try:
            found = key_named(key_set_at(registered.key_set_url), header)
            if found is None:
                found = key_named(key_set_at(registered.key_set_url, again=True), header)
        except KeySetAwayError as error:
            raise RefusedAssertionError("keys_away") from error
    if found is None:
        raise RefusedAssertionError("key")
    return found


def _use_once(kind: Kind, organisation_id: UUID, issuer: str, jti: str) -> None:
    used = hashlib.sha256(f"{issuer}\0{jti}".encode()).hexdigest()
    place = f"llmasos:clinical:jti:{kind}:{organisation_id}:{used}"
    try:
        is_new = client().set(place, b"1", nx=True, ex=LONGEST_SECONDS + 4 * _LEEWAY)
    except UNREACHABLE as error:
        raise RefusedAssertionError("away") from error
    if not is_new:
        raise RefusedAssertionError("replayed")
