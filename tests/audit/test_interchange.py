from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fhir.resources.R4B.bundle import Bundle

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import queries, reading, registry
from llmasos.audit.downloads import download
from llmasos.audit.errors import UnprovableError
from llmasos.audit.exports import Kind, export
from llmasos.audit.interchange.balp import PROFILES
from llmasos.audit.interchange.operations import known_operation
from llmasos.audit.models import Entry
from llmasos.audit.reading import Selection, placed_entries
from llmasos.audit.services import record, sequence_entries
from llmasos.audit.types import Actor, Ref
from tests.audit import balp
from tests.audit.logs import fill

CODES = {
    "Create": "tests.note_added",
    "Read": "tests.record_read",
    "Update": "tests.record_changed",
    "Delete": "tests.record_deleted",
    "Query": "tests.records_listed",
    "disclose": "tests.record_exported",
    "execute": "tests.model_call",
}
ACTORS = [Actor("person", uuid4(), "clinician"), Actor("key", uuid4()), Actor("system")]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_actions", dict(registry.actions()))
    for code in CODES.values():
        registry.register_action(code, code)
    registry.register_action("tests.door_opened", "A door", operation="emergency_start")


def write(organisation: Organisation, action: str, **given: Any) -> None:
    with acting_in(organisation):
        record(organisation_id=organisation.pk, action=action, **{"actor": ACTORS[0], **given})
    sequence_entries(organisation.pk)


def written(organisation: Organisation, kind: Kind, selection: Selection | None = None) -> str:
    made = export(organisation_id=organisation.pk, actor=Actor("system"), selection=selection or Selection(), kind=kind)
    return "".join(made.pieces)


def events(organisation: Organisation) -> list[dict[str, Any]]:
    """Return the AuditEvents of the log, all of them valid FHIR."""
    text = written(organisation, "balp")
    Bundle.model_validate_json(text)
    return [entry["resource"] for entry in json.loads(text)["entry"]]


@pytest.mark.parametrize("name", ["Create", "Read", "Update", "Delete", "Query"])
@pytest.mark.parametrize("subject", [Ref("patient", uuid4()), Ref("visitor", uuid4()), None])
@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: actor.kind)
def test_successful_access_keeps_to_its_pattern(
    organisation: Organisation, name: str, subject: Ref | None, actor: Actor
) -> None:
    write(organisation, CODES[name], subject=subject, actor=actor, object=Ref("note", uuid4()), digests={"results": 3})
    (event,) = events(organisation)
    patient = "Patient" if subject and subject.kind == "patient" else ""
    assert event["meta"]["profile"] == [f"{PROFILES}{patient}{name}"]
    assert balp.problems(event) == []


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_a_disclosure_of_a_patients_data_keeps_to_its_pattern(organisation: Organisation, outcome: str) -> None:
    write(organisation, CODES["disclose"], subject=Ref("patient", uuid4()), outcome=outcome)
    (event,) = events(organisation)
    assert event["meta"]["profile"] == [f"{PROFILES}PrivacyDisclosure.Source"]
    assert balp.problems(event) == []


@pytest.mark.parametrize(
    ("action", "outcome", "expected"),
    [
        (CODES["Read"], "denied", ("rest", "read", "R", "4")),
        (CODES["Delete"], "failure", ("rest", "delete", "D", "8")),
        (CODES["execute"], "success", ("rest", "operation", "E", "0")),
        (CODES["disclose"], "success", ("110106", "disclose", "R", "0")),
        ("accounts.signed_in", "success", ("110114", "110122", "E", "0")),
        ("accounts.sign_in_failed", "denied", ("110114", "110122", "E", "4")),
        ("accounts.signed_out", "success", ("110114", "110123", "E", "0")),
        ("audit.read", "success", ("110101", "operation", "R", "0")),
        ("tests.door_opened", "success", ("110113", "110127", "E", "0")),
    ],
)
def test_what_no_pattern_is_for_claims_none(
    organisation: Organisation, action: str, outcome: str, expected: tuple[str, ...]
) -> None:
    write(organisation, action, outcome=outcome)
    (event,) = events(organisation)
    assert "meta" not in event
    found = (event["type"]["code"], event["subtype"][0]["code"], event["action"], event["outcome"])
    assert (found, event["subtype"][1]["code"]) == (expected, action)


def test_a_query_holds_what_the_log_has_of_it(organisation: Organisation) -> None:
    write(organisation, CODES["Query"], object=Ref("patient"), digests={"query": "ab" * 32, "results": 7})
    (event,) = events(organisation)
    asked = json.loads(base64.b64decode(event["entity"][0]["query"]))
    assert asked == {"object": "patient", "query": "ab" * 32, "results": 7}


def test_digests_go_with_the_event(organisation: Organisation) -> None:
    write(
        organisation, CODES["execute"], digests={"model": "m1", "passages": [{"id": "p1"}, {"id": "p2"}], "local": True}
    )
    (event,) = events(organisation)
    (detail,) = [entity["detail"] for entity in event["entity"] if "detail" in entity]
    assert [(one["type"], one["valueString"]) for one in detail] == [
        ("local", "true"),
        ("model", "m1"),
        ("passages.id", "p1"),
        ("passages.id", "p2"),
    ]


def test_a_purpose_is_given_in_the_codes_of_hl7(organisation: Organisation) -> None:
    write(organisation, CODES["Read"], purpose="treatment")
    (event,) = events(organisation)
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"


def test_every_registered_action_is_something_to_other_systems() -> None:
    """Where a code's words do not say it, ``register_action(..., operation=...)`` does."""
    assert [code for code in registry.actions() if known_operation(code) is None] == []


def test_a_log_without_entries_is_an_empty_bundle(organisation: Organisation) -> None:
    assert events(organisation) == []


def test_the_table_has_a_row_an_entry(organisation: Organisation) -> None:
    fill(organisation.pk, 3)
    header, *rows = csv.reader(io.StringIO(written(organisation, "csv")))
    assert [dict(zip(header, row, strict=True))["seq"] for row in rows] == ["1", "2", "3"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1"])
def test_a_spreadsheet_computes_nothing(organisation: Organisation, start: str) -> None:
    write(organisation, CODES["Read"], purpose=start)
    header, row = csv.reader(io.StringIO(written(organisation, "csv")))
    assert row[header.index("purpose")] == f"'{start}"


def test_lines_of_json_hold_entries_with_their_places(organisation: Organisation) -> None:
    (entry_id,) = fill(organisation.pk, 1)
    line = json.loads(written(organisation, "jsonl"))
    assert (line["seq"], line["id"], line["action"]) == (1, str(entry_id), "audit.read")


@pytest.mark.parametrize("kind", ["balp", "csv", "jsonl", "bundle"])
def test_a_log_is_read_page_by_page(organisation: Organisation, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(organisation.pk, 7)
    pages: list[int] = []

    def paged(organisation_id: UUID, selection: Selection, *, page: int = 2) -> Iterator[reading.Placed]:
        for number, placed in enumerate(placed_entries(organisation_id, selection, page=page)):
            pages.append(number)
            yield placed

    for module in ("bundle", "interchange.balp", "interchange.tables"):
        monkeypatch.setattr(f"llmasos.audit.{module}.placed_entries", paged)
    assert written(organisation, kind).count("audit.read") == 7
    assert pages == list(range(7))


def test_a_selection_keeps_to_what_it_names(organisation: Organisation) -> None:
    other = Ref("visitor", uuid4())
    write(organisation, CODES["Read"], subject=other, actor=ACTORS[1])
    write(organisation, CODES["Create"], subject=other)
    write(organisation, CODES["Read"])
    chosen = Selection(subject_id=other.id, actor_id=ACTORS[1].id, action="tests")
    assert [placed.seq for placed in placed_entries(organisation.pk, chosen)] == [1]
    assert [placed.seq for placed in placed_entries(organisation.pk, Selection(action=CODES["Read"]))] == [1, 3]


def test_a_download_is_a_file_that_is_not_kept_in_caches(organisation: Organisation) -> None:
    fill(organisation.pk, 2)
    made = export(organisation_id=organisation.pk, actor=Actor("system"), selection=Selection(), kind="csv")
    response = download(made)
    assert response["Content-Disposition"] == f'attachment; filename="audit-{organisation.pk}-1-2.csv"'
    assert response["Cache-Control"] == "no-store"


def test_an_export_is_recorded(organisation: Organisation) -> None:
    fill(organisation.pk, 9)
    written(organisation, "bundle", Selection(from_seq=3, to_seq=7))
    with acting_in(organisation):
        entry = Entry.objects.get(action="audit.exported")
    assert entry.digests == {"format": "bundle", "from": 3, "to": 7, "whole_range": True}


def test_whose_entries_were_taken_out_sees_it(organisation: Organisation) -> None:
    subject = Ref("visitor", uuid4())
    with acting_in(organisation):
        record(organisation_id=organisation.pk, actor=Actor("system"), action="audit.read", subject=subject)
    sequence_entries(organisation.pk)
    written(organisation, "csv", Selection(subject_id=subject.id))
    with acting_in(organisation):
        assert [entry.action for entry in queries.entries(organisation.pk, subject=subject)] == [
            "audit.exported",
            "audit.read",
        ]


def test_a_range_outside_the_log_is_refused(organisation: Organisation) -> None:
    fill(organisation.pk, 3)
    with pytest.raises(UnprovableError, match="3 entries"):
        written(organisation, "csv", Selection(from_seq=4))
