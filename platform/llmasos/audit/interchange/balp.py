"""The log as FHIR R4 AuditEvents after the patterns of IHE BALP (Basic Audit Log Patterns, 1.1.4).

Successful creates, reads, updates, deletes and queries claim the pattern's profile, the one for patients where the
data are a patient's, and so do disclosures of a patient's data. The patterns fix the outcome to success, so whatever
failed or was denied has their shape and claims none; nor do events that BALP has no pattern for. Network addresses
are not in the log, and are said to be masked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from llmasos.audit.canonical import DigestValue, written_time
from llmasos.audit.interchange.operations import operation_of
from llmasos.audit.models import Entry, SigningKey
from llmasos.audit.reading import Placed, Selection, placed_entries
from llmasos.audit.registry import Operation

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
# Kinds of subjects that are patients in FHIR's sense.
PATIENT = "patient"

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_REST = "http://hl7.org/fhir/restful-interaction"
_EVENT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_OWN = "urn:llmasos"
# Purposes that v3-ActReason has codes for; others are given as they are.
_REASONS = {
    "treatment": "TREAT",
    "care": "TREAT",
    "emergency": "ETREAT",
    "break_glass": "BTG",
    "operations": "HOPERAT",
    "quality": "HQUALIMP",
    "research": "HRESCH",
    "patient_request": "PATRQT",
    "subject_request": "PATRQT",
}
_OUTCOMES = {"success": "0", "denied": "4", "failure": "8"}
_PEOPLE = {"person", "visitor"}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The codes of one kind of event. ``claims`` is the end of the profile's name, without "Patient"."""

    type: tuple[str, str]
    subtype: tuple[str, str]
    action: str
    claims: str = ""
    client: tuple[str, str] = (_DICOM, "110153")
    server: tuple[str, str] = (_DICOM, "110152")
    user: str = "IRCP"


_RESTFUL = (_EVENT, "rest")
_ALERT = (_DICOM, "110113")
_PATTERNS: Mapping[Operation, _Pattern] = {
    "create": _Pattern(_RESTFUL, (_REST, "create"), "C", "Create", user="AUT"),
    # In a read the data flow from the server, which BALP therefore calls the source.
    "read": _Pattern(_RESTFUL, (_REST, "read"), "R", "Read", client=(_DICOM, "110152"), server=(_DICOM, "110153")),
    "update": _Pattern(_RESTFUL, (_REST, "update"), "U", "Update", user="AUT"),
    "delete": _Pattern(
        _RESTFUL,
        (_REST, "delete"),
        "D",
        "Delete",
        client=(_DICOM, "110150"),
        server=("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "custodian"),
        user="AUT",
    ),
    "query": _Pattern(_RESTFUL, (_REST, "search"), "E", "Query"),
    "execute": _Pattern(_RESTFUL, (_REST, "operation"), "E"),
    "disclose": _Pattern(
        (_DICOM, "110106"),
        ("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose"),
        "R",
        client=(_DICOM, "110152"),
        server=(_DICOM, "110153"),
    ),
    "sign_in": _Pattern((_DICOM, "110114"), (_DICOM, "110122"), "E"),
    "sign_out": _Pattern((_DICOM, "110114"), (_DICOM, "110123"), "E"),
    "audit": _Pattern((_DICOM, "110101"), (_REST, "operation"), "R"),
    "security": _Pattern(_ALERT, (_DICOM, "110137"), "U", user="AUT"),
    "emergency_start": _Pattern(_ALERT, (_DICOM, "110127"), "E"),
    "emergency_stop": _Pattern(_ALERT, (_DICOM, "110128"), "E"),
}


def bundle(organisation_id: UUID, selection: Selection) -> Iterator[str]:
    """Yield the text of one FHIR Bundle, piece by piece."""
    site = _site()
    head = {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "type": "collection",
        "timestamp": written_time(timezone.now()),
        "entry": [],
    }
    yield json.dumps(head)[:-2]
    before = ""
    for placed in placed_entries(organisation_id, selection):
        event = audit_event(placed, site=site)
        full = {"fullUrl": f"urn:uuid:{event['id']}", "resource": event}
        yield f"{before}\n{json.dumps(full, ensure_ascii=False, separators=(',', ':'))}"
        before = ","
    yield "\n]}\n"


def audit_event(placed: Placed, *, site: str) -> dict[str, Any]:
    """Return one entry as a FHIR R4 AuditEvent, recorded by the installation named ``site``."""
    entry = placed.entry
    operation = operation_of(entry.action)
    pattern = _PATTERNS[operation]
    profile = _profile(entry, operation, pattern)
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(entry.pk),
        "meta": {"profile": [profile]} if profile else {},
        "extension": [
            {"url": f"{_OWN}:log-number", "valueString": str(placed.seq)},
            {"url": f"{_OWN}:log-leaf", "valueString": placed.leaf_hash.hex()},
        ],
        "type": _coding(*pattern.type),
        "subtype": [_coding(*pattern.subtype), _coding(f"{_OWN}:action", entry.action)],
        "action": pattern.action,
        "recorded": written_time(entry.recorded_at),
        "outcome": _OUTCOMES[entry.outcome],
        "purposeOfEvent": [_reason(entry.purpose)] if entry.purpose else [],
        "agent": _agents(entry, pattern, site),
        "source": {
            "site": site,
            "observer": _observer(site),
            "type": [_coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4")],
        },
        "entity": _entities(entry, operation),
    }
    return {name: value for name, value in event.items() if value}


def _profile(entry: Entry, operation: Operation, pattern: _Pattern) -> str:
    patient = _is_patient(entry)
    if operation == "disclose":
        return f"{PROFILES}PrivacyDisclosure.Source" if patient else ""
    if not pattern.claims or entry.outcome != "success":
        return ""
    return f"{PROFILES}{'Patient' if patient else ''}{pattern.claims}"


def _agents(entry: Entry, pattern: _Pattern, site: str) -> list[dict[str, Any]]:
    person = entry.actor_kind in _PEOPLE
    client: dict[str, Any] = {
        "type": {"coding": [_coding(*pattern.client)]},
        "who": {"display": "web client"} if person else _named(entry.actor_kind or "unknown", entry.actor_id),
        "requestor": not person,
        "network": {"extension": [{"url": _ABSENT, "valueCode": "masked"}]},
    }
    server = {
        "type": {"coding": [_coding(*pattern.server)]},
        "who": _observer(site),
        "requestor": False,
        "network": {"address": site, "type": "1"},
    }
    agents = [client, server]
    if person:
        user: dict[str, Any] = {
            "type": {"coding": [_coding(_PARTICIPATION, pattern.user)]},
            "who": _named(entry.actor_kind, entry.actor_id),
            "requestor": True,
        }
        if entry.purpose:
            user["purposeOfUse"] = [_reason(entry.purpose)]
        agents.append(user)
    # The role that the log holds is of whoever asked.
    if entry.actor_role:
        agents[2 if person else 0]["role"] = [{"text": entry.actor_role}]
    return agents


def _entities(entry: Entry, operation: Operation) -> list[dict[str, Any]]:
    entities = [_query(entry) if operation == "query" else _data(entry)]
    if entry.subject_id is not None:
        patient = _is_patient(entry)
        what: dict[str, Any] = {"reference": f"Patient/{entry.subject_id}", "type": "Patient"}
        entities.append(
            {
                "what": what if patient else _named(entry.subject_kind, entry.subject_id),
                "type": _coding(_ENTITY, "1"),
                "role": _coding(_ROLE, "1" if patient else "6"),
            }
        )
    if entry.request_id:
        system = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
        entities.append({"what": {"identifier": {"value": entry.request_id}}, "type": _coding(system, "XrequestId")})
    detail = [{"type": name, "valueString": value} for name, value in _flat("", entry.digests)]
    if detail and operation != "query":
        entities.append({"type": _coding(f"{_OWN}:entity", "digests"), "detail": detail})
    return entities


def _data(entry: Entry) -> dict[str, Any]:
    kind, identity = entry.object_kind, entry.object_id
    if not kind:
        kind, identity = ("organisation", entry.organisation_id)
    return {"what": _named(kind, identity), "type": _coding(_ENTITY, "2"), "role": _coding(_ROLE, "4")}


def _query(entry: Entry) -> dict[str, Any]:
    """Return what was asked: the log holds digests of it and counts, never the words."""
    asked = json.dumps({"object": entry.object_kind, **entry.digests}, sort_keys=True, separators=(",", ":"))
    return {
        "type": _coding(_ENTITY, "2"),
        "role": _coding(_ROLE, "24"),
        "query": base64.b64encode(asked.encode()).decode(),
    }


def _flat(name: str, value: DigestValue) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}" if name else key, item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _flat(name, item)
    elif value not in ("", None):
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _is_patient(entry: Entry) -> bool:
    return entry.subject_kind == PATIENT and entry.subject_id is not None


def _named(kind: str, identity: UUID | None) -> dict[str, Any]:
    return {"identifier": {"system": f"{_OWN}:{kind}", "value": str(identity or kind)}}


def _observer(site: str) -> dict[str, Any]:
    return {"identifier": {"system": f"{_OWN}:installation", "value": site}}


def _reason(purpose: str) -> dict[str, Any]:
    code = _REASONS.get(purpose, purpose if purpose in _REASONS.values() else "")
    return {"coding": [_coding(_REASON, code)]} if code else {"text": purpose}


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


def _site() -> str:
    """Return the installation's name: that of its first signing key, once there is one."""
    key = SigningKey.objects.order_by("number").values_list("verifier_key", flat=True).first()
    return key.partition("+")[0] if key else "llmasos"
