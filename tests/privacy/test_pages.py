from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.test import Client

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.models import Request
from support_bot.models import Visitor
from support_bot.visitors import visitor_principal
from tests.privacy.conftest import Say

BASE = "/o/shop/privacy/"


@pytest.fixture
def as_owner(client: Client, owner: Person) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def as_teammate(teammate: Person) -> Client:
    client = Client()
    client.force_login(teammate)
    return client


def test_a_person_reads_who_changed_their_roles(as_teammate: Client, officer: Principal, teammate: Person) -> None:
    services.hold_subject(officer, Ref("person", teammate.pk), reason="Case 17")

    page = as_teammate.get(BASE).content.decode()

    assert "Owner · Administrator" in page
    assert "Legal hold placed" in page
    assert "Case 17" not in page


def test_looking_at_ones_own_data_is_recorded(
    as_teammate: Client, teammate: Person, organisation: Organisation
) -> None:
    as_teammate.get(BASE)

    with acting_in(organisation):
        assert Entry.objects.get(action="privacy.own_data_read").subject_id == teammate.pk


def test_the_export_holds_the_data_and_the_accesses(as_teammate: Client, teammate: Person) -> None:
    response = as_teammate.post(f"{BASE}mine/export")

    archive = zipfile.ZipFile(io.BytesIO(response.content))
    export = json.loads(archive.read("export.json"))
    held = {store["store"]: store["items"] for store in export["stores"]}
    assert held["accounts.people"][0]["email"] == teammate.email
    assert export["access_log"][0]["what"] == "Data exported for the person concerned"
    assert "no-store" in response["Cache-Control"]


def test_a_person_asks_for_a_correction_and_reads_the_answer(
    as_teammate: Client, as_owner: Client, organisation: Organisation
) -> None:
    as_teammate.post(f"{BASE}mine/ask", {"kind": "correction", "details": "I am called Ada"})
    with acting_in(organisation):
        asked = Request.objects.get()

    shown = as_owner.get(f"{BASE}requests/{asked.pk}/").content.decode()
    as_owner.post(f"{BASE}requests/{asked.pk}/decide", {"decision": "refuse", "reason": "You are not"})

    assert "I am called Ada" in shown
    assert "You are not" in as_teammate.get(BASE).content.decode()


def test_a_refusal_needs_a_reason(as_owner: Client, officer: Principal, teammate: Person) -> None:
    asked = services.make_request(officer, Ref("person", teammate.pk), "access")

    assert as_owner.post(f"{BASE}requests/{asked.pk}/decide", {"decision": "refuse"}).status_code == 422


def test_the_work_list_shows_no_words(as_owner: Client, visitor: Visitor, as_subject: Ref) -> None:
    services.make_request(visitor_principal(visitor), as_subject, "correction", details="Kanarienvogel")

    page = as_owner.get(f"{BASE}requests/").content.decode()

    assert "Correction" in page
    assert "Kanarienvogel" not in page


def test_agents_do_not_see_the_work_list(as_teammate: Client) -> None:
    assert as_teammate.get(f"{BASE}requests/").status_code == 403


def test_auditors_read_lists_and_change_nothing(organisation: Organisation) -> None:
    auditor = Person.objects.create_user("auditor@shop.example", "correct horse battery")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=auditor, role="auditor")
    client = Client()
    client.force_login(auditor)

    assert client.get(f"{BASE}retention/").status_code == 200
    assert client.get(f"{BASE}requests/").status_code == 200
    assert client.post(f"{BASE}retention/period", {"code": "runs", "days": "5"}).status_code == 403


def test_a_request_of_another_organisation_does_not_exist(
    officer: Principal, as_subject: Ref, stranger: Person
) -> None:
    asked = services.make_request(officer, as_subject, "access")
    client = Client()
    client.force_login(stranger)

    assert client.get(f"/o/clinic/privacy/requests/{asked.pk}/").status_code == 404


def test_the_report_of_an_erasure_can_be_read_and_taken_as_json(
    as_owner: Client, officer: Principal, visitor: Visitor, as_subject: Ref, say: Say, valkey: object
) -> None:
    say(visitor, "Hello")
    erasure = services.erase_now(officer, as_subject)

    page = as_owner.get(f"{BASE}erasures/{erasure.pk}/").content.decode()
    handed_over = as_owner.get(f"{BASE}erasures/{erasure.pk}/?json").json()

    assert erasure.report_digest in page
    assert services.report_digest(handed_over["report"]) == handed_over["report_digest"]


def test_a_period_and_a_hold_are_set_on_the_page(as_owner: Client) -> None:
    as_owner.post(f"{BASE}retention/period", {"code": "conversations", "days": "30"})
    as_owner.post(f"{BASE}retention/holds", {"retention_class": "conversations", "reason": "Recall 2026"})

    page = as_owner.get(f"{BASE}retention/?count").content.decode()

    assert "30 days" in page
    assert "Recall 2026" in page


def test_the_record_of_processing_lists_what_is_registered(as_owner: Client) -> None:
    record = as_owner.get(f"{BASE}processing/?json").json()

    listed = {activity["store"] for activity in record["activities"]}
    assert {"accounts.people", "support.conversations", "audit.entries", "inference.runs"} <= listed
    assert as_owner.get(f"{BASE}processing/").status_code == 200
