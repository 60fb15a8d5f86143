"""What a launch leaves on the server between two requests: in Valkey, sealed, a quarter of an hour at most."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any, Final, Literal, cast
from uuid import UUID

from llmasos.inference.valkey import client
from llmasos.vault.sealing import seal, unseal

Kind = Literal["state", "launch"]
LIFETIME_SECONDS: Final = 900


def put(kind: Kind, organisation_id: UUID, data: dict[str, Any], *, token: str = "") -> str:
    """Keep ``data`` and return the token (a new one if none is given) that gets it back."""
    token = token or secrets.token_urlsafe(32)
    place = _place(kind, organisation_id, token)
    client().set(place, seal(json.dumps(data).encode(), context=place), ex=LIFETIME_SECONDS)
    return token


def look(kind: Kind, organisation_id: UUID, token: str) -> dict[str, Any] | None:
    """Return what is kept under a token and leave it there; None where nothing is."""
    place = _place(kind, organisation_id, token)
    return _opened(place, cast("bytes | None", client().get(place)))


def take(kind: Kind, organisation_id: UUID, token: str) -> dict[str, Any] | None:
    """Return what is kept under a token, once: whoever comes second gets None."""
    place = _place(kind, organisation_id, token)
    return _opened(place, cast("bytes | None", client().getdel(place)))


def _opened(place: str, blob: bytes | None) -> dict[str, Any] | None:
    return None if blob is None else cast("dict[str, Any]", json.loads(unseal(blob, context=place)))


def _place(kind: Kind, organisation_id: UUID, token: str) -> str:
    """Return the key; it holds a digest, so that who reads keys cannot use the token."""
    return f"llmasos:lti:{kind}:{organisation_id}:{hashlib.sha256(token.encode()).hexdigest()}"
