"""What one visitor wrote is nobody else's, whichever address is tried."""

from __future__ import annotations

import pytest

from support_bot.models import Site
from tests.support_bot.conftest import OpenWidget, Widget, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(widget: Widget) -> dict[str, str]:
    return dict(widget.ask("My order is late").json()["answer"])  # type: ignore[attr-defined]


def test_without_a_token_there_is_no_conversation(widget: Widget) -> None:
    widget.token = ""
    assert widget.get("conversation").status_code == 401


def test_a_token_opens_its_own_site_alone(widget: Widget, posted: dict[str, str]) -> None:
    elsewhere = Widget(make_site(widget.site.organisation, name="Second"), widget.client, widget.token)
    assert elsewhere.get("conversation").status_code == 401
    assert elsewhere.ask("Hello").status_code == 401


def test_a_token_opens_nothing_in_another_organisation(
    widget: Widget, posted: dict[str, str], other_site: Site
) -> None:
    elsewhere = Widget(other_site, widget.client, widget.token)
    assert elsewhere.get("conversation").status_code == 401
    assert elsewhere.post(f"messages/{posted['id']}/feedback", {"value": 1}).status_code == 401


def test_another_visitor_of_the_site_sees_nothing_of_it(
    open_widget: OpenWidget, site: Site, posted: dict[str, str]
) -> None:
    second = open_widget(site)
    assert second.get("conversation").json() == {"messages": []}
    assert second.post(f"runs/{posted['run']}/cancel").status_code == 404
    assert second.get(f"runs/{posted['run']}/events").status_code == 404
    assert second.post(f"messages/{posted['id']}/feedback", {"value": 1}).status_code == 404
    assert second.post("retry", {"message": posted["id"]}).status_code == 404


def test_an_unknown_site_does_not_exist(widget: Widget) -> None:
    assert widget.client.post("/widget/site_unknown/session", "{}", "application/json").status_code == 404


def test_a_site_that_is_switched_off_does_not_answer(open_widget: OpenWidget, site: Site) -> None:
    from llmasos.accounts.tenancy import acting_in

    asking = open_widget(site)
    with acting_in(site.organisation_id):
        Site.objects.for_organisation(site.organisation_id).update(active=False)
    assert asking.ask("Hello").status_code == 404
