"""Problems, allergies, procedures, immunisations and the family's history."""

from __future__ import annotations

from typing import Any, Literal, cast

from django.utils.translation import gettext as _

from clinical_assist.fhir.codes import NO_KNOWN_ALLERGY
from clinical_assist.fhir.errors import EnteredInErrorError, LeftOutError
from clinical_assist.fhir.mapping.common import (
    MappedItem,
    code,
    codings,
    mapped,
    mappings,
    named,
    note,
    refuse_errors,
    when,
    words,
)
from clinical_assist.fhir.reading import Bundle, Entry
from clinical_assist.medicines.naming import reaction_named
from clinical_assist.models import RecordItem
from clinical_assist.record.items import Allergy, History, Problem

_PROBLEM: dict[str, Any] = {
    "active": "active", "recurrence": "active", "relapse": "active", "inactive": "inactive", "remission": "resolved",
    "resolved": "resolved",
}  # fmt: skip
_VERIFIED: dict[str, Any] = {
    "confirmed": "confirmed", "refuted": "refuted", "provisional": "provisional", "unconfirmed": "provisional",
    "differential": "provisional",
}  # fmt: skip
_SEVERITY = {"mild": 1, "moderate": 2, "severe": 3}


def condition(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map a Condition to a problem."""
    resource = entry.resource
    verification = code(resource.get("verificationStatus"))
    refuse_errors(verification)
    ended = when(resource, "abatementDateTime", "abatementPeriod")
    item = Problem(
        name=named(resource.get("code"), _("The condition")),
        codings=codings(resource.get("code")),
        on=when(resource, "onsetDateTime", "onsetPeriod", "recordedDate"),
        note=note(resource),
        status=_PROBLEM.get(code(resource.get("clinicalStatus")), "resolved" if ended else "active"),
        verification=_VERIFIED.get(verification, ""),
        ended=ended,
    )
    return [mapped(bundle, entry, RecordItem.Kind.PROBLEM, item)]


def allergy(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map an AllergyIntolerance; the code for "no known allergy" is the word that none are known."""
    resource = entry.resource
    verification, concept = code(resource.get("verificationStatus")), resource.get("code")
    refuse_errors(verification)
    status = code(resource.get("clinicalStatus")) or "active"
    reactions = list(mappings(resource, "reaction"))
    manifestations = [text for one in reactions for each in mappings(one, "manifestation") if (text := words(each))]
    severities = [str(one["severity"]) for one in reactions if one.get("severity") in _SEVERITY]
    name = named(concept or next((one.get("substance") for one in reactions), None), _("The allergy"))
    known, _suggestions = reaction_named(name)
    item = Allergy(
        name=name,
        codings=codings(concept),
        on=when(resource, "recordedDate", "onsetDateTime", "onsetPeriod"),
        note=note(resource),
        # What was looked into and refuted is kept, and no longer warns.
        status=cast("Any", "inactive" if verification == "refuted" else status),
        category=cast("Any", next((str(one) for one in resource.get("category") or []), "")),
        criticality=cast("Any", str(resource.get("criticality") or "")),
        reaction=", ".join(dict.fromkeys(manifestations)),
        severity=cast("Any", max(severities, key=_SEVERITY.__getitem__, default="")),
        medicine=known if isinstance(known, str) else known.name if known is not None else "",
    )
    none_known = NO_KNOWN_ALLERGY in {one for _system, one, _display in codings(concept)}
    if none_known and item.status != "active":
        raise EnteredInErrorError(_("It says that none are known, and that this does not hold any more."))
    return [mapped(bundle, entry, RecordItem.Kind.ALLERGY, item, of="patient", none_known=none_known)]


def procedure(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map a Procedure to a line of the history."""
    resource = entry.resource
    refuse_errors(str(resource.get("status")))
    item = _history(entry, "procedure", "code", "performedDateTime", "performedPeriod")
    return [mapped(bundle, entry, RecordItem.Kind.HISTORY, item)]


def immunisation(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map an Immunization to a line of the history; ``not-done`` stays readable in its status."""
    resource = entry.resource
    refuse_errors(str(resource.get("status")))
    item = _history(entry, "immunisation", "vaccineCode", "occurrenceDateTime", "recorded")
    return [mapped(bundle, entry, RecordItem.Kind.HISTORY, item, of="patient")]


def family(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map a FamilyMemberHistory: one line for each condition of the relative."""
    resource = entry.resource
    refuse_errors(str(resource.get("status")))
    relative = words(resource.get("relationship"))
    found = []
    for number, one in enumerate(mappings(resource, "condition"), start=1):
        item = History(
            name=f"{relative}: {words(one.get('code'))}".strip(": "),
            codings=codings(one.get("code")),
            on=when(resource, "date"),
            note=note(one),
            topic="family",
            status=words(one.get("outcome")),
        )
        kind = RecordItem.Kind.HISTORY
        found.append(mapped(bundle, entry, kind, item, of="patient", part=f"condition {number}"))
    if not found:
        raise LeftOutError(_("It names no condition of the relative."))
    return found


def _history(entry: Entry, topic: Literal["procedure", "immunisation"], element: str, *dates: str) -> History:
    resource = entry.resource
    return History(
        name=named(resource.get(element), entry.type),
        codings=codings(resource.get(element)),
        on=when(resource, *dates),
        note=note(resource),
        topic=topic,
        status=str(resource.get("status") or ""),
    )
