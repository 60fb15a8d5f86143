from __future__ import annotations

from uuid import uuid4

import pytest

from support_bot.models import Site
from support_bot.widget import limits
from tests.support_bot.conftest import OpenWidget, Widget

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VISITOR_BURST", limits.Limit("visitor-burst", 2, 60))


def test_a_visitor_who_asks_too_often_is_told_when_to_come_back(widget: Widget) -> None:
    assert [widget.ask("Hello?").status_code for _ in range(3)] == [201, 201, 429]
    refused = widget.ask("Hello?")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["Content-Type"] == "application/problem+json"
    assert "wait" in refused.json()["detail"]  # type: ignore[attr-defined]


def test_a_refused_message_is_not_stored(widget: Widget) -> None:
    for _ in range(3):
        widget.ask("Hello?")
    assert len(widget.get("conversation").json()["messages"]) == 4


def test_one_visitors_haste_does_not_stop_another(open_widget: OpenWidget, site: Site) -> None:
    hasty, calm = open_widget(site), open_widget(site)
    for _ in range(3):
        hasty.ask("Hello?")
    assert calm.ask("Hello?").status_code == 201


def test_delivering_a_message_again_is_not_counted(widget: Widget) -> None:
    client_id = str(uuid4())
    assert {widget.ask("Hello?", client_id=client_id).status_code for _ in range(4)} == {200, 201}


def test_a_site_has_a_limit_of_its_own(open_widget: OpenWidget, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SITE_MESSAGES", limits.Limit("site-messages", 1, 60))
    first, second = open_widget(site), open_widget(site)
    assert [first.ask("Hello?").status_code, second.ask("Hello?").status_code] == [201, 429]


def test_an_address_cannot_make_visitors_without_end(
    open_widget: OpenWidget, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ADDRESS_VISITORS", limits.Limit("address-visitors", 1, 60))
    widget = open_widget(site)
    assert widget.post("session").status_code == 429


def test_the_counters_hold_no_address(widget: Widget, valkey: object) -> None:
    keys = b" ".join(valkey.keys("llmasos:support:*"))  # type: ignore[attr-defined]
    assert keys
    assert b"127.0.0.1" not in keys
