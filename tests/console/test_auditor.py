"""What an auditor may open: the log, privacy and emergency access, for reading, and nothing else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from tests.accounts.test_pages import _tenant_addresses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

# What an auditor's own membership gives to everybody: the list of doors, and the person's own data and requests.
REFUSED = {403, 404, 405}
EVERYBODYS = {"ui:organisation", "breakglass:ask", "privacy:mine", "privacy:my_export"}
AUDITORS = {
    "audit:log",
    "audit:check",
    "audit:state",
    "audit:activity",
    "breakglass:reviews",
    "privacy:requests",
    "privacy:retention",
    "privacy:processing",
    "deidentification:policy",
}
# What an auditor may send: verifying the log, trying out a policy, and what everybody may do about themselves.
MAY_POST = {
    "audit:verify",
    "deidentification:preview",
    "breakglass:ask",
    "breakglass:end",
    "privacy:ask",
    "privacy:withdraw",
}
# Pages that only show, whatever the method.
SHOWN = {"ui:organisation", "privacy:my_export", "deidentification:policy"}


@pytest.fixture
def auditor(client: Client, organisation: Organisation) -> Client:
    person = Person.objects.create_user("auditor@shop.example", "correct horse battery")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role="auditor")
    client.force_login(person)
    client.raise_request_exception = False
    return client


def test_an_auditor_reads_these_pages_and_no_other(auditor: Client, organisation: Organisation) -> None:
    opened = {
        name
        for name, address in _tenant_addresses(organisation.slug)
        if auditor.get(address).status_code not in REFUSED
    }
    assert opened - EVERYBODYS == AUDITORS


def test_an_auditor_changes_nothing(auditor: Client, organisation: Organisation) -> None:
    answers = {
        name: auditor.post(address).status_code
        for name, address in _tenant_addresses(organisation.slug)
        if name not in MAY_POST | SHOWN
    }
    assert {name: code for name, code in answers.items() if code not in REFUSED} == {}


def test_an_auditor_does_not_open_what_is_sealed(auditor: Client) -> None:
    assert auditor.post(f"/o/shop/audit/entries/{uuid4()}/payload").status_code == 403
