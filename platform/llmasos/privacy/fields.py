"""Text sealed under the key of whichever subject its row is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmasos.vault import sealing, services
from llmasos.vault.fields import EncryptedTextField, Sealed

if TYPE_CHECKING:
    from django.db import models


class SubjectTextField(EncryptedTextField):
    """An encrypted text of a row with ``organisation_id``, ``subject_kind`` and ``subject_id``.

    Other encrypted fields belong to one kind of subject; here the kind differs from row to row.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["subject_kind"] = "row"
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["subject_kind"]
        return name, path, args, kwargs

    def close(self, instance: models.Model, plaintext: str) -> Sealed:
        """Seal text for this field of one row. Raises ``KeyDestroyedError`` when the subject was erased."""
        row: Any = instance
        key = services.data_key(
            organisation_id=row.organisation_id, subject_kind=row.subject_kind, subject_id=row.subject_id
        )
        context = self._context(instance)
        return Sealed(sealing.encrypt(plaintext.encode(), cipher=key.cipher(), key_id=key.id.bytes, context=context))
