"""Order sets as content that is proposed and reviewed: one JSON document a version; and which an organisation uses."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.governance.versions.kinds import ContentError, Kind, Tables
from clinical_assist.governance.versions.queries import current_content
from clinical_assist.medicines.library import built_in as built_in_medicines
from clinical_assist.medicines.library import library, using
from clinical_assist.models import KnowledgeVersion
from clinical_assist.ordersets import reading
from clinical_assist.ordersets.types import OrderSetError, OrderSets


@cache
def built_in() -> str:
    """The content of the order sets that come with the application."""
    return _written(reading.document(reading.STARTER))


def read(content: str) -> OrderSets:
    """Read a content and hold it to the medicines that hold here; made once a process. Raises ContentError."""
    return _read(content, library().digest)


def in_use(organisation_id: UUID) -> OrderSets:
    """Return the order sets that an organisation works with; inside ``acting_in``.

    An update of the application may ask for medicines that the organisation's own tables do not have yet, or lack what
    its own sets name: they are then read by the medicines of the application, or its sets stand in, and say so.
    """
    content = current_content(organisation_id, KIND.code)
    try:
        return read(content)
    except ContentError as error:
        wrong = {"error": str(error)}
    with using(built_in_medicines()):
        try:
            said = _("The order sets do not go with the medicines in use: %(error)s They are read by the medicines that"
                     " come with the application.")  # fmt: skip
            return replace(read(content), problem=said % wrong)
        except ContentError:
            said = _("The order sets in use do not go with the medicines in use: %(error)s Those that come with the"
                     " application stand in for them.")  # fmt: skip
            return replace(read(built_in()), problem=said % wrong)


@lru_cache(maxsize=8)
def _read(content: str, _medicines: str) -> OrderSets:
    """The lines hold medicines of the library with the digest ``_medicines``."""
    try:
        document = json.loads(content)
        if not isinstance(document, dict):
            raise ContentError(_("These are no order sets."))
        return reading.build(document)
    except (ValueError, OrderSetError) as error:
        raise ContentError(str(error)) from error


def require_fitting(organisation_id: UUID, content: str) -> None:
    """Hold a content to the medicines in use; inside ``acting_in``. Raises ContentError."""
    read(content)


def for_comparison(content: str) -> Tables:
    """Return the lines and sources of a content by table and code, whatever medicines are in use."""
    document = json.loads(content)
    sets = document["order_sets"]
    return {
        "sources": {code: {"name": text} for code, text in document["sources"].items()},
        "order_sets": {
            code: {name: value for name, value in entry.items() if name != "lines"} for code, entry in sets.items()
        },
        "lines": {
            f"{code}:{number}": line for code, entry in sets.items() for number, line in enumerate(entry["lines"], 1)
        },
    }


def from_files(files: Mapping[str, bytes], present: str, *, conditions: Collection[str]) -> str:
    """Return what is in use with the sets and sources of uploaded TOML files in place of those of the same code.

    ``conditions`` are the codes that the sets of the files may be for.

    Raises:
        ContentError: naming the file or the line and what is wrong.
    """
    document = json.loads(present)
    named = (code for entry in document["order_sets"].values() for code in str(entry["conditions"]).split(","))
    known = {*conditions, *(code.strip() for code in named)}
    for file, content in files.items():
        try:
            part = tomllib.loads(content.decode())
        except ValueError as error:
            raise ContentError(_("%(file)s cannot be read: %(error)s.") % {"file": file, "error": error}) from error
        for name, value in part.items():
            document[name] = document[name] | value if isinstance(document.get(name), dict) else value
    try:
        reading.build(document, conditions=known)
    except OrderSetError as error:
        raise ContentError(str(error)) from error
    return _written(document)


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


KIND = Kind(
    code=KnowledgeVersion.Kind.ORDERSETS,
    built_in=built_in,
    tables=for_comparison,
    curate="clinical_assist:ordersets_curate",
    require_fitting=require_fitting,
)
