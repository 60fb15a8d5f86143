"""Fields that are encrypted in the database and plain in Python: text, e-mail addresses, dates, JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute
from psycopg import Binary

from llmasos.vault import sealing, services
from llmasos.vault.errors import UnsealableError

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable, Expression

    PlainField = models.Field[Any, Any]
    PlainTextField = models.TextField[str | Combinable, str]
    PlainCharField = models.CharField[str | Combinable, str]
    PlainEmailField = models.EmailField[str | Combinable, str]
    PlainDateField = models.DateField[str | date | Combinable, date]
    PlainJSONField = models.JSONField[Any, Any]
else:
    PlainField = models.Field
    PlainTextField = models.TextField
    PlainCharField = models.CharField
    PlainEmailField = models.EmailField
    PlainDateField = models.DateField
    PlainJSONField = models.JSONField

_USE = "field"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the database holds, before it is opened for its row. It has no text of its own."""

    blob: bytes = field(repr=False)

    def __str__(self) -> str:
        raise UnsealableError("An encrypted field is read on its model instance, not through values().")


class SealedAttribute(DeferredAttribute):
    """Opens the value when it is first read, since only the instance knows the row."""

    field: EncryptedField

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None or not isinstance(value, Sealed):
            return value
        opened = self.field.from_text(self.field.open(instance, value))
        instance.__dict__[self.field.attname] = opened
        return opened

    # Setting and deleting make this a data descriptor: without them Python would read the sealed value past it.
    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value

    def __delete__(self, instance: models.Model) -> None:
        instance.__dict__.pop(self.field.attname, None)


class EncryptedField(PlainField):
    """A value sealed with AES-256-GCM, with table, column and row bound in.

    Put before the field whose Python type, form and serializer it keeps, as the classes below do.

    ``subject_kind`` names whose data it is; ``subject_attribute`` is the attribute that holds the subject's
    uuid ("id" when the row is the subject). The subject's own key is used then, so that destroying it erases
    the text everywhere. Without ``subject_kind`` a key derived from the key-encryption key is used.

    The row needs its primary key before it is saved (a uuid). Values cannot be searched or compared in the
    database, except for being null, and ``update()`` cannot write them; a ``BlindIndexField`` beside it finds rows.
    """

    descriptor_class = SealedAttribute

    def __init__(
        self,
        *args: Any,
        subject_kind: str = "",
        subject_attribute: str = "id",
        organisation_attribute: str = "organisation_id",
        **kwargs: Any,
    ) -> None:
        self.subject_kind = subject_kind
        self.subject_attribute = subject_attribute
        self.organisation_attribute = organisation_attribute
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for option, default in (
            ("subject_kind", ""),
            ("subject_attribute", "id"),
            ("organisation_attribute", "organisation_id"),
        ):
            if getattr(self, option) != default:
                kwargs[option] = getattr(self, option)
        return name, path, list(args), dict(kwargs)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if isinstance(self.model._meta.pk, models.AutoField):
            found.append(
                checks.Error(
                    "An encrypted field needs a primary key that is known before the row is saved.",
                    hint="Give the model a UUIDField with a default as primary key.",
                    obj=self,
                    id="vault.E001",
                )
            )
        if not self.subject_kind and any(
            field.name == self.organisation_attribute or field.attname == self.organisation_attribute
            for field in self.model._meta.local_fields
        ):
            found.append(
                checks.Error(
                    "An encrypted field of an organisation's row needs a subject whose key seals it.",
                    hint='Name one, for example subject_kind="organisation", subject_attribute="organisation_id".',
                    obj=self,
                    id="vault.E005",
                )
            )
        if getattr(self, "db_index", False) or self.unique:
            found.append(checks.Error("An encrypted field cannot be indexed or unique.", obj=self, id="vault.E002"))
        return found

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return IsNull
        raise FieldError(f"{self.name} is encrypted: it cannot be searched by {lookup_name!r}.")

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted: it cannot be searched by {lookup_name!r}.")

    def from_db_value(
        self, value: bytes | memoryview | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:  # noqa: FBT001 - Django's signature
        stored = model_instance.__dict__.get(self.attname)
        if isinstance(stored, Sealed) and not add:
            return stored
        value = getattr(model_instance, self.attname)
        return None if value is None else self.close(model_instance, self.to_text(value))

    def to_text(self, value: Any) -> str:
        """Return the text that is sealed for a value."""
        return str(value)

    def from_text(self, text: str) -> Any:
        """Return the value that :meth:`to_text` was given."""
        return text

    def get_prep_value(self, value: Any) -> Any:
        # Text arrives here from update() or a query, where no row is known to bind it to.
        if value is None or isinstance(value, Sealed):
            return value
        raise UnsealableError(f"{self.name} is encrypted: assign it to an instance and save that.")

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 - Django's
    ) -> Any:
        sealed = value if prepared else self.get_prep_value(value)
        return Binary(sealed.blob) if isinstance(sealed, Sealed) else sealed

    def close(self, instance: models.Model, plaintext: str) -> Sealed:
        """Seal text for this field of one row."""
        context = self._context(instance)
        if not self.subject_kind:
            return Sealed(sealing.seal(plaintext.encode(), context=context, use=_USE))
        key = services.data_key(
            organisation_id=self._uuid(instance, self.organisation_attribute),
            subject_kind=self.subject_kind,
            subject_id=self._uuid(instance, self.subject_attribute),
        )
        blob = sealing.encrypt(plaintext.encode(), cipher=key.cipher(), key_id=key.id.bytes, context=context)
        return Sealed(blob)

    def open(self, instance: models.Model, sealed: Sealed) -> str:
        """Open what the database holds for this field of one row.

        Raises:
            DecryptionError: the value was altered, or moved here from another row, column or table.
            KeyDestroyedError: the subject was erased.
        """
        context = self._context(instance)
        if not self.subject_kind:
            return sealing.unseal(sealed.blob, context=context, use=_USE).decode()
        organisation_id = getattr(instance, self.organisation_attribute, None)
        key = services.data_key_by_id(UUID(bytes=sealing.read_key_id(sealed.blob)), organisation_id=organisation_id)
        return sealing.decrypt(sealed.blob, cipher=key.cipher(), context=context).decode()

    def _context(self, instance: models.Model) -> str:
        if instance.pk is None:
            raise UnsealableError(f"{self.name} is encrypted: the row needs its primary key first.")
        return f"{self.model._meta.db_table}\0{self.column}\0{instance.pk}"

    @staticmethod
    def _uuid(instance: models.Model, attribute: str) -> UUID:
        value = getattr(instance, attribute)
        if not isinstance(value, UUID):
            raise UnsealableError(f"{attribute} must be set before an encrypted field is saved.")
        return value


class EncryptedTextField(EncryptedField, PlainTextField):
    """Long text."""


class EncryptedCharField(EncryptedField, PlainCharField):
    """A line of text; ``max_length`` is checked by forms and serializers."""


class EncryptedEmailField(EncryptedField, PlainEmailField):
    """An e-mail address."""


class EncryptedDateField(EncryptedField, PlainDateField):
    """A day, such as a birth date."""

    def to_text(self, value: Any) -> str:
        day = self.to_python(value)
        return day.isoformat() if isinstance(day, date) else str(day)

    def from_text(self, text: str) -> date:
        return date.fromisoformat(text)


class EncryptedJSONField(EncryptedField, PlainJSONField):  # type: ignore[misc]  # what the database gives differs
    """What JSON can say."""

    def to_text(self, value: Any) -> str:
        return json.dumps(value, cls=self.encoder, ensure_ascii=False, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text, cls=self.decoder)
