"""Blind indexes: finding rows by what is encrypted in them.

Beside a sealed field stands an array of keyed digests of what it may be found by. The key is the organisation's
own for each purpose, random and wrapped like a subject's, so that it outlives rotations of the key-encryption key.
Who has the table alone learns which rows share a name or its beginning, and nothing else; who also has the key can
try names.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core import checks
from django.db import models
from django.db.models import Q

from llmasos.vault import normalising, services
from llmasos.vault.errors import UnsealableError
from llmasos.vault.fields import EncryptedField, Sealed

if TYPE_CHECKING:
    DigestsField = ArrayField[list[bytes], list[bytes]]
else:
    DigestsField = ArrayField

DIGEST_BYTES = 16
Kind = Literal["name", "identifier", "day"]
_ENTRIES: Mapping[str, Callable[[Any], frozenset[str]]] = {
    "name": normalising.name_entries,
    "identifier": normalising.identifier_entries,
    "day": normalising.day_entries,
}


def blind_index(organisation_id: UUID, purpose: str, value: str) -> bytes:
    """Return the digest of an identifier under the organisation's key for ``purpose``, inside ``acting_in``."""
    (digest,) = digests(organisation_id, purpose, normalising.identifier_entries(value) or {"id:"})
    return digest


def digests(organisation_id: UUID, purpose: str, entries: Iterable[str]) -> list[bytes]:
    """Return the digests of normalised entries, in the order of their bytes."""
    key = services.data_key(
        organisation_id=organisation_id, subject_kind=f"index.{purpose}", subject_id=organisation_id
    )
    return sorted({hmac.digest(key.secret, entry.encode(), "sha256")[:DIGEST_BYTES] for entry in entries})


class Findable(models.Model):
    """A model with blind indexes: saving some of its fields saves the indexes over them too."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        wanted = kwargs.get("update_fields")
        if wanted is not None:
            added = {
                field.name
                for field in self._meta.local_fields
                if isinstance(field, BlindIndexField) and not field.sources.isdisjoint(wanted)
            }
            kwargs["update_fields"] = {*wanted, *added}
        super().save(*args, **kwargs)


class BlindIndexField(DigestsField):
    """What the encrypted fields named in ``source`` (one, or several by commas) are found by.

    ``kind`` is how they are normalised: "name" (tokens and their beginnings), "identifier" or "day" (exact). A JSON
    field with a list is found by each of its items. ``purpose`` (57 characters at most) names the key; fields with
    the same purpose can be compared with each other. Put :func:`index_of` among the model's indexes.
    """

    def __init__(self, *, source: str, kind: Kind, purpose: str, **kwargs: Any) -> None:
        self.source = source
        self.kind: Kind = kind
        self.purpose = purpose
        options: dict[str, Any] = {"default": list, "editable": False, "blank": True} | kwargs
        options["base_field"] = models.BinaryField(max_length=DIGEST_BYTES)
        super().__init__(**options)

    @property
    def sources(self) -> frozenset[str]:
        """The names of the fields that it is made from."""
        return frozenset(name.strip() for name in self.source.split(","))

    def sealed_sources(self) -> tuple[EncryptedField, ...]:
        """Return the encrypted fields that it is made from."""
        return tuple(cast("EncryptedField", self.model._meta.get_field(name)) for name in sorted(self.sources))

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        options = dict(kwargs) | {"source": self.source, "kind": self.kind, "purpose": self.purpose}
        for given in ("base_field", "default", "editable", "blank", "size"):
            options.pop(given, None)
        return name, path, list(args), options

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not all(isinstance(self.model._meta.get_field(name), EncryptedField) for name in self.sources):
            found.append(checks.Error("A blind index is made from encrypted fields.", obj=self, id="vault.E003"))
        if not issubclass(self.model, Findable):
            found.append(
                checks.Error(
                    "Saving some fields would leave the blind index behind.",
                    hint="Have the model inherit from llmasos.vault.blind.Findable.",
                    obj=self,
                    id="vault.E004",
                )
            )
        return found

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        sources = self.sealed_sources()
        held = [model_instance.__dict__.get(source.attname, Sealed(b"")) for source in sources]
        # What was not read was not changed either.
        if add or not all(isinstance(value, Sealed) for value in held):
            entries = (
                entry
                for source in sources
                for value in _values(getattr(model_instance, source.attname))
                for entry in _ENTRIES[self.kind](value)
            )
            organisation_id = getattr(model_instance, sources[0].organisation_attribute)
            if not isinstance(organisation_id, UUID):
                raise UnsealableError(f"{sources[0].organisation_attribute} must be set before {self.name} is saved.")
            setattr(model_instance, self.attname, digests(organisation_id, self.purpose, entries))
        return getattr(model_instance, self.attname)

    def matching(self, organisation_id: UUID, text: str) -> Q:
        """Return the condition for rows that ``text`` finds; none where it has nothing to look for."""
        if self.kind == "name":
            wanted = normalising.name_queries(text)
        else:
            try:
                entries = _ENTRIES[self.kind](text)
            except ValueError:
                entries = frozenset()
            wanted = (entries,) if entries else ()
        if not wanted:
            return Q(pk__in=[])
        condition = Q()
        for alternatives in wanted:
            condition &= Q(**{f"{self.name}__overlap": digests(organisation_id, self.purpose, alternatives)})
        return condition


def found_by(model: type[models.Model], field: str, *, organisation_id: UUID, text: str) -> Q:
    """Return the condition for the rows of ``model`` that ``text`` finds through the blind index ``field``.

    ``Patient.objects.for_organisation(o).filter(found_by(Patient, "name_index", organisation_id=o, text="mül ann"))``
    """
    index = model._meta.get_field(field)
    if not isinstance(index, BlindIndexField):
        raise TypeError(f"{field} is no blind index.")
    return index.matching(organisation_id, text)


def index_of(field: str, *, name: str) -> GinIndex:
    """Return the database's index over a blind index field."""
    return GinIndex(fields=[field], name=name)


def _values(value: Any) -> Iterable[Any]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, list | tuple) else (value,)
