"""From the bytes of a file to the entries of a FHIR R4 bundle: which resource each is, and what refers to what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from clinical_assist.fhir.errors import FhirError

MOST_BYTES: Final = 64 * 1024 * 1024
LINES: Final = ".ndjson"
"""How the name of a file ends that holds one resource a line, as bulk exports write them."""
_KINDS: Final = {"transaction", "batch", "collection", "searchset", "document", "history"}
_LONGEST_REASON: Final = 240
_MOST_REASONS: Final = 3
_RESTFUL: Final = re.compile(
    r"(?P<base>https?://.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.\-]{1,64})(?:/_history/.*)?"
)
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a bundle. ``key`` is under what its source knows the resource: ``base type/id``."""

    number: int
    type: str
    key: str
    resource: Resource
    base: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The entries of a file, and where its references lead."""

    name: str
    entries: Sequence[Entry]
    at: Mapping[str, Entry] = field(repr=False)

    def holds(self, type_: str) -> bool:
        """Return whether a resource of the type is in the file."""
        return any(entry.type == type_ for entry in self.entries)

    def key_of(self, entry: Entry, reference: object, type_: str) -> str:
        """Return the key of what a reference means, "" where it says nothing that can be followed."""
        found = self.target(entry, reference)
        if found is not None:
            return found.key
        text = _reference(reference)
        if match := _RESTFUL.fullmatch(text):
            return _key(match["base"] or entry.base, match["type"], match["id"])
        return _key("", type_, text.removeprefix("urn:uuid:")) if text.startswith("urn:uuid:") else ""

    def target(self, entry: Entry, reference: object) -> Entry | None:
        """Return the entry of this file that a reference means."""
        text = _reference(reference)
        return self.at.get(text) or (self.at.get(f"{entry.base}{text}") if entry.base else None)


def read_bundle(name: str, content: bytes) -> Bundle:
    """Read a file. ``name`` is what people call it; where it ends in ``LINES``, each line is a resource.

    Raises:
        FhirError: it is too large, no JSON, or no bundle.
    """
    if len(content) > MOST_BYTES:
        raise FhirError(_("%(name)s is larger than %(most)s MB.") % {"name": name, "most": MOST_BYTES // 1024**2})
    try:
        found = _lines(content) if name.endswith(LINES) else json.loads(content)
    except (ValueError, RecursionError):
        raise FhirError(
            _("%(name)s is no JSON file: export the record as a FHIR R4 bundle.") % {"name": name}
        ) from None
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        raise FhirError(_("%(name)s holds no FHIR bundle: export the record as a FHIR R4 bundle.") % {"name": name})
    if found.get("type") not in _KINDS or not isinstance(found.get("entry", []), list):
        raise FhirError(_("%(name)s is a bundle of a type that holds no record.") % {"name": name})
    entries = list(_entries(found.get("entry", [])))
    at: dict[str, Entry] = {}
    for given, entry in zip(found.get("entry", []), entries, strict=True):
        if isinstance(given, dict) and isinstance(given.get("fullUrl"), str):
            at[given["fullUrl"]] = entry
        if entry.key:
            at.setdefault(f"{entry.type}/{entry.resource.get('id')}", entry)
    return Bundle(name, entries, at)


def _lines(content: bytes) -> Mapping[str, Any]:
    """Return the resources of a bulk export, one a line, as a bundle; a line that is none is an entry without one."""
    entries = [_line(line) for line in content.splitlines() if line.strip()]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _line(line: bytes) -> Mapping[str, Any]:
    try:
        return {"resource": json.loads(line)}
    except ValueError:
        return {}


def problems(resource: Resource) -> str:
    """Return what is wrong with a resource by the R4 definitions, "" if nothing: paths and rules, never values."""
    try:
        get_fhir_model_class(str(resource.get("resourceType"))).model_validate(resource)
    except ValidationError as error:
        said = [
            f"{'.'.join(map(str, one['loc'])) or resource['resourceType']}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False, include_input=False, include_context=False)[:_MOST_REASONS]
        ]
        return "; ".join(said)[:_LONGEST_REASON]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return _("The resource cannot be read by the R4 definitions.")
    return ""


def _entries(given: Sequence[Any]) -> Iterator[Entry]:
    for number, one in enumerate(given, start=1):
        resource = one.get("resource") if isinstance(one, dict) else None
        type_ = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(resource, dict) or not isinstance(type_, str) or not _TYPE.fullmatch(type_):
            yield Entry(number, "", "", {})
            continue
        address = str(one.get("fullUrl") or "")
        match = _RESTFUL.fullmatch(address)
        base = (match["base"] or "") if match else ""
        # A server's address and a uuid name the resource everywhere; a bare id only beside the base it stands under.
        identity = match["id"] if match else str(resource.get("id") or address.removeprefix("urn:uuid:"))
        yield Entry(number, type_, _key(base, type_, identity) if identity else "", resource, base)


def _key(base: str, type_: str, identity: str) -> str:
    return f"{base} {type_}/{identity}"


def _reference(reference: object) -> str:
    text = reference.get("reference") if isinstance(reference, Mapping) else None
    return text if isinstance(text, str) else ""
