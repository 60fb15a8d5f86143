"""Under what imported rows are known: keyed digests, so that a table alone names no patient of another system."""

from __future__ import annotations

import hmac
import json
from typing import Any
from uuid import UUID

from llmasos.vault.services import data_key

_PURPOSE = "index.clinical.source"


class Sources:
    """The digests of one organisation, inside ``acting_in``."""

    def __init__(self, organisation_id: UUID) -> None:
        key = data_key(organisation_id=organisation_id, subject_kind=_PURPOSE, subject_id=organisation_id)
        self._secret = key.secret

    def key(self, text: str) -> bytes:
        """Return under what a resource of another system is known here."""
        return hmac.digest(self._secret, b"key\0" + text.encode(), "sha256")

    def digest(self, content: Any) -> str:
        """Return by what a changed resource is told from an unchanged one."""
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
        return hmac.digest(self._secret, b"content\0" + text.encode(), "sha256").hex()
