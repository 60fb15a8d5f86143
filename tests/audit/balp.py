"""The structure of IHE BALP's patterns, and a check of AuditEvents against it.

From the StructureDefinitions of Basic Audit Log Patterns 1.1.4 (https://profiles.ihe.net/ITI/BALP/, CC BY 4.0):
fixed codes, cardinalities, what is required in a slice and what is forbidden there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from llmasos.audit.interchange.balp import PROFILES

DCM = "http://dicom.nema.org/resources/ontology/DCM"
REST = "http://hl7.org/fhir/restful-interaction"
EVENT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
CUSTODIAN = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
BALP_ENTITY = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
Code = tuple[str, str]


@dataclass(frozen=True)
class Slice:
    """The elements of one type: how many there must be, and what each must and must not have."""

    types: frozenset[Code]
    least: int
    most: int
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    roles: frozenset[Code] = frozenset()
    requestor: bool | None = None


@dataclass(frozen=True)
class Pattern:
    type: Code
    subtypes: frozenset[Code]
    action: str
    agents: tuple[Slice, ...]
    entities: tuple[Slice, ...]
    outcome: str = "0"
    least_entities: int = 1
    observer_is: frozenset[Code] = field(default_factory=frozenset)


def _one(*codes: Code) -> frozenset[Code]:
    return frozenset(codes)


def _agents(client: Code, server: Code, users: frozenset[Code]) -> tuple[Slice, ...]:
    return (
        Slice(_one(client), 1, 1, ("who", "network"), ("media",)),
        Slice(_one(server), 1, 1, ("who", "network"), ("media",)),
        Slice(users, 0, 1, ("who",), ("media", "network"), requestor=True),
    )


SOURCE, DESTINATION = (DCM, "110153"), (DCM, "110152")
AUTHORS = _one(*((PARTICIPATION, code) for code in ("AUT", "INF", "CST")))
RECIPIENT = _one((PARTICIPATION, "IRCP"))
RESOURCES = _one(*((ROLE, code) for code in ("4", "3", "20")))
TRANSACTION = Slice(_one((BALP_ENTITY, "XrequestId")), 0, 1, ("what.identifier.value",))
DATA = Slice(_one((ENTITY, "2")), 1, 1, ("what",), roles=RESOURCES)
QUERY = Slice(_one((ENTITY, "2")), 1, 1, ("query",), ("what", "lifecycle", "detail"), roles=_one((ROLE, "24")))
PATIENT = Slice(_one((ENTITY, "1")), 1, 1, ("what.reference",), roles=_one((ROLE, "1")))

_BASIC = {
    "Create": Pattern(
        (EVENT, "rest"), _one((REST, "create")), "C", _agents(SOURCE, DESTINATION, AUTHORS), (TRANSACTION, DATA)
    ),
    "Read": Pattern(
        (EVENT, "rest"),
        _one((REST, "read"), (REST, "vread")),
        "R",
        _agents(DESTINATION, SOURCE, RECIPIENT),
        (TRANSACTION, DATA),
    ),
    "Update": Pattern(
        (EVENT, "rest"),
        _one((REST, "update"), (REST, "patch")),
        "U",
        _agents(SOURCE, DESTINATION, AUTHORS),
        (TRANSACTION, DATA),
    ),
    "Delete": Pattern(
        (EVENT, "rest"),
        _one((REST, "delete")),
        "D",
        _agents((DCM, "110150"), (CUSTODIAN, "custodian"), AUTHORS),
        (TRANSACTION, DATA),
    ),
    "Query": Pattern(
        (EVENT, "rest"),
        _one((REST, "search"), (REST, "search-type"), (REST, "search-system")),
        "E",
        _agents(SOURCE, DESTINATION, RECIPIENT),
        (TRANSACTION, QUERY),
    ),
}
PATTERNS = {
    **{f"{PROFILES}{name}": pattern for name, pattern in _BASIC.items()},
    **{
        f"{PROFILES}Patient{name}": Pattern(
            pattern.type,
            pattern.subtypes,
            pattern.action,
            pattern.agents,
            (*pattern.entities, PATIENT),
            least_entities=2,
        )
        for name, pattern in _BASIC.items()
    },
    f"{PROFILES}PrivacyDisclosure.Source": Pattern(
        (DCM, "110106"),
        _one((LIFECYCLE, "disclose")),
        "R",
        (Slice(_one(SOURCE), 1, 1, ("who", "network")), Slice(_one(DESTINATION), 1, 1, ("who", "network"))),
        (PATIENT,),
        outcome="",
        least_entities=2,
        observer_is=_one(SOURCE),
    ),
}


def problems(event: dict[str, Any]) -> list[str]:
    """Return in what an AuditEvent departs from the profile that it claims."""
    (profile,) = event["meta"]["profile"]
    return list(_problems(event, PATTERNS[profile]))


def _problems(event: dict[str, Any], pattern: Pattern) -> Iterator[str]:
    if _code(event["type"]) != pattern.type:
        yield "type"
    if sum(_code(subtype) in pattern.subtypes for subtype in event["subtype"]) != 1:
        yield "subtype"
    if event["action"] != pattern.action:
        yield "action"
    if event["outcome"] != (pattern.outcome or event["outcome"]) or "recorded" not in event:
        yield "outcome or time"
    if len(event["agent"]) < 2 or len(event["entity"]) < pattern.least_entities:
        yield "too few agents or entities"
    for slice_ in pattern.agents:
        yield from _slice("agent", event["agent"], slice_)
    for slice_ in pattern.entities:
        yield from _slice("entity", event["entity"], slice_)
    for agent in event["agent"]:
        if _code(agent["type"]) in pattern.observer_is and agent["who"] != event["source"]["observer"]:
            yield "the source is not the observer"


def _slice(name: str, elements: list[dict[str, Any]], slice_: Slice) -> Iterator[str]:
    found = [element for element in elements if _code(element["type"]) in slice_.types]
    if not slice_.least <= len(found) <= slice_.most:
        yield f"{len(found)} {name} of {sorted(slice_.types)}"
    for element in found:
        for path in slice_.required:
            value: Any = element
            for part in path.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if not value:
                yield f"{name} of {sorted(slice_.types)} has no {path}"
        if forbidden := set(slice_.forbidden) & set(element):
            yield f"{name} of {sorted(slice_.types)} has {sorted(forbidden)}"
        if slice_.roles and _code(element.get("role", {})) not in slice_.roles:
            yield f"{name} of {sorted(slice_.types)} has another role"
        if slice_.requestor is not None and element["requestor"] is not slice_.requestor:
            yield f"{name} of {sorted(slice_.types)} asked for nothing"


def _code(value: dict[str, Any]) -> Code:
    coding = value["coding"][0] if "coding" in value else value
    return (coding.get("system", ""), coding.get("code", ""))
