from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client

from llmasos.accounts.administration import AdministrationSite
from llmasos.accounts.models import Person
from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.types import PLATFORM

pytestmark = pytest.mark.django_db


@pytest.fixture
def operating(client: Client) -> Client:
    person = Person.objects.create_superuser("operator@example.org", "correct horse battery")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _entries() -> list[tuple[str, dict[str, object]]]:
    with log_of(PLATFORM):
        found = Entry.objects.filter(organisation_id=PLATFORM, action="accounts.administered").order_by("recorded_at")
        return [(entry.object_kind, entry.digests) for entry in found]


def test_every_raw_data_page_is_on_the_site_that_records() -> None:
    assert isinstance(admin.site, AdministrationSite)


def test_a_search_in_the_raw_data_is_recorded_without_its_words(operating: Client) -> None:
    assert operating.get("/admin/account/emailaddress/?q=ada").status_code == 200
    assert _entries() == [("page:admin:account_emailaddress_changelist", {"method": "GET", "searched": True})]


def test_an_action_on_chosen_rows_is_recorded(operating: Client) -> None:
    person = Person.objects.create_user("ada@example.org", "correct horse battery")
    address = EmailAddress.objects.create(user=person, email=person.email)
    answered = operating.post(
        "/admin/account/emailaddress/",
        {"action": "delete_selected", "_selected_action": [address.pk], "post": "yes"},
    )
    assert answered.status_code == 302
    assert not EmailAddress.objects.exists()
    assert _entries()[0][1] == {"method": "POST", "searched": False, "action": "delete_selected", "chosen": 1}
