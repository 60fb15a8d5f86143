"""Secrets of second factors (one-time passwords, recovery codes), sealed inside allauth's own rows."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable
from typing import Any

from llmasos.vault import sealing

_CONTEXT = "accounts.second_factor"
# The entries of an authenticator's data that hold secrets: texts, or lists of texts.
_SECRETS = ("secret", "seed", "migrated_codes")


def seal(text: str, *, key_id: str = "") -> str:
    """Return a secret as it is stored."""
    blob = sealing.seal(text.encode(), context=_CONTEXT, use="field", key_id=key_id)
    return base64.urlsafe_b64encode(blob).decode("ascii")


def unseal(stored: str) -> str:
    """Return what :func:`seal` was given."""
    return sealing.unseal(base64.urlsafe_b64decode(stored), context=_CONTEXT, use="field").decode()


def key_use() -> Counter[str]:
    """Return how many secrets are under each key-encryption key."""
    from allauth.mfa.models import Authenticator

    found: Counter[str] = Counter()
    for data in Authenticator.objects.values_list("data", flat=True):
        found.update(_key_of(stored) for stored in _secrets(data))
    return found


def reseal(to: str, limit: int) -> int:
    """Seal the secrets of at most ``limit`` authenticators under the key ``to``; return how many."""
    from allauth.mfa.models import Authenticator

    def sealed_anew(stored: str) -> str:
        return seal(unseal(stored), key_id=to)

    done = 0
    for authenticator in Authenticator.objects.select_for_update().order_by("pk"):
        if done < limit and any(_key_of(stored) != to for stored in _secrets(authenticator.data)):
            authenticator.data = {
                name: _each(value, sealed_anew) if name in _SECRETS else value
                for name, value in authenticator.data.items()
            }
            authenticator.save(update_fields=["data"])
            done += 1
    return done


def _secrets(data: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for name in _SECRETS:
        _each(data.get(name, []), found.append)
    return found


def _each(value: Any, change: Callable[[str], Any]) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _key_of(stored: str) -> str:
    return sealing.read_key_id(base64.urlsafe_b64decode(stored)).decode("ascii", "replace")
