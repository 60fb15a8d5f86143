from __future__ import annotations

import io
import json
import zipfile

import pytest

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.models import Request
from support_bot.models import Visitor
from support_bot.visitors import token_digest
from tests.support_bot.conftest import OpenWidget, Widget

pytestmark = pytest.mark.django_db


def open_page(widget: Widget, **values: str) -> object:
    return widget.client.post(f"/widget/{widget.site.key}/my-data", {"token": widget.token, **values})


def visitor_of(widget: Widget) -> Visitor:
    with acting_in(widget.site.organisation_id):
        return Visitor.objects.get(token_digest=token_digest(widget.token))


def test_the_page_says_who_read_the_conversation_by_role_without_names(widget: Widget) -> None:
    visitor = visitor_of(widget)
    services.hold_subject(system_principal(visitor.organisation_id), Ref("visitor", visitor.pk), reason="Case 17")

    page = open_page(widget).content.decode()  # type: ignore[attr-defined]

    assert "Visitor began to chat" in page
    assert "The platform itself" in page


def test_the_copy_holds_what_was_said(widget: Widget) -> None:
    widget.ask("Where is parcel 4711?")

    response = open_page(widget, do="export")

    archive = zipfile.ZipFile(io.BytesIO(response.content))  # type: ignore[attr-defined]
    export = json.loads(archive.read("export.json"))
    held = {store["store"]: store["items"] for store in export["stores"]}
    assert held["support.conversations"][0]["messages"][0]["text"] == "Where is parcel 4711?"


def test_a_visitor_asks_for_erasure_and_is_erased(widget: Widget) -> None:
    widget.ask("Where is parcel 4711?")
    visitor = visitor_of(widget)

    asked = open_page(widget, do="ask", kind="erasure", details="Please")
    with acting_in(visitor.organisation_id):
        request = Request.objects.get(subject_id=visitor.pk)
    services.erase_now(system_principal(visitor.organisation_id), request.subject)

    assert "Your request is with the organisation." in asked.content.decode()  # type: ignore[attr-defined]
    assert open_page(widget).status_code == 404  # type: ignore[attr-defined]
    assert widget.get("conversation").status_code == 401


def test_another_visitors_page_stays_closed(widget: Widget, open_widget: OpenWidget) -> None:
    other = open_widget(widget.site)
    other.ask("My secret")

    response = widget.client.post(f"/widget/{widget.site.key}/my-data", {"token": widget.token[:-1] + "x"})

    assert response.status_code == 404
    assert "My secret" not in response.content.decode()


def test_the_address_alone_opens_nothing_and_says_where_the_page_opens(widget: Widget) -> None:
    page = widget.client.get(f"/widget/{widget.site.key}/my-data")
    assert page.status_code == 404
    assert "Open this page from the chat" in page.content.decode()


def test_the_page_sets_no_cookie_and_is_kept_nowhere(widget: Widget) -> None:
    response = open_page(widget)

    assert list(response.cookies) == []  # type: ignore[attr-defined]
    assert "no-store" in response["Cache-Control"]  # type: ignore[index]
