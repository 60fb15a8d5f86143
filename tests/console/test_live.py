from __future__ import annotations

import re

import pytest
from django.test import Client

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.console.regions import Region, changed
from llmasos.inference.models import Run
from tests.console.runs import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def seen_on(text: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', text)


def test_only_what_changed_is_sent() -> None:
    one, two = Region("one", "1"), Region("two", "2")  # type: ignore[arg-type]
    assert changed([one, two], [one.seen, "two:before"]) == [two]


def test_a_page_that_shows_everything_gets_nothing(client: Client, owner: Person) -> None:
    client.force_login(owner)
    seen = seen_on(client.get("/o/shop/console/").content.decode())
    quiet = [part for part in seen if not part.startswith("now:")]
    text = client.get("/o/shop/console/live", {"seen": seen}).content.decode()
    assert not any(
        f'id="region-{part.partition(":")[0]}"' in text for part in quiet if part.startswith(("log", "runs"))
    )


def test_a_new_run_changes_its_regions_and_no_other(client: Client, owner: Person, organisation: Organisation) -> None:
    client.force_login(owner)
    seen = seen_on(client.get("/o/shop/console/").content.decode())
    with acting_in(organisation):
        make_run(organisation)
    answer = client.get("/o/shop/console/live", {"seen": seen})
    text = answer.content.decode()
    assert answer["X-Live"] == "1"
    assert 'id="region-runs"' in text
    assert 'id="region-models"' not in text
    assert text.count("hx-swap-oob") == text.count("<section")


def test_another_organisations_runs_do_not_show(
    client: Client, owner: Person, other_organisation: Organisation
) -> None:
    client.force_login(owner)
    seen = seen_on(client.get("/o/shop/console/").content.decode())
    with acting_in(other_organisation):
        make_run(other_organisation)
        assert Run.objects.count() == 1
    assert 'id="region-runs"' not in client.get("/o/shop/console/live", {"seen": seen}).content.decode()
