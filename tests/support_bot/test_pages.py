from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.answering.types import Answer
from llmasos.audit.models import Entry
from support_bot.answers import store_answer
from support_bot.models import Conversation, Site
from tests.support_bot.conftest import Widget
from tests.support_bot.test_answers import ANSWER, finished

pytestmark = pytest.mark.django_db

ABSTAINED = Answer(event="abstained", decision="abstain", text="I could not find it.", language="en", score=0.1)


@pytest.fixture
def signed_in(client: Client, teammate: Person) -> Client:
    client.force_login(teammate, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def administering(client: Client, owner: Person) -> Client:
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(widget: Widget, text: str, answer: Answer = ANSWER) -> Conversation:
    posted = widget.ask(text).json()["answer"]  # type: ignore[attr-defined]
    with acting_in(widget.site.organisation_id):
        store_answer(finished(widget.site, posted), answer)
        return Conversation.objects.latest("started_at")


def test_conversations_are_listed_with_their_first_question(signed_in: Client, widget: Widget) -> None:
    asked(widget, "How do I return a tent?")
    assert "How do I return a tent?" in signed_in.get("/o/shop/support/").content.decode()


def test_an_empty_list_says_what_will_come(signed_in: Client) -> None:
    assert "No conversations yet" in signed_in.get("/o/shop/support/").content.decode()


def test_a_search_finds_sealed_words(signed_in: Client, widget: Widget) -> None:
    asked(widget, "How do I return a Hammock?")
    found = signed_in.post("/o/shop/support/", {"q": "hammock"}).content.decode()
    missed = signed_in.post("/o/shop/support/", {"q": "bicycle"}).content.decode()
    assert "return a Hammock" in found
    assert "Nothing found" in missed


def test_a_search_is_recorded_with_its_count_and_without_its_words(signed_in: Client, widget: Widget) -> None:
    asked(widget, "How do I return a Hammock?")
    signed_in.post("/o/shop/support/", {"q": "hammock"})
    with acting_in(widget.site.organisation_id):
        entry = Entry.objects.get(action="support.conversations_searched")
    assert entry.digests == {"opened": 1, "results": 1}


def test_a_conversation_shows_question_quotation_and_sources(signed_in: Client, widget: Widget) -> None:
    conversation = asked(widget, "How long?")
    page = signed_in.get(f"/o/shop/support/conversations/{conversation.pk}/").content.decode()
    assert "How long?" in page
    assert "You have 60 days." in page
    assert "Returns" in page
    assert f"visitor:{conversation.visitor_id}" in page


def test_reading_a_conversation_is_recorded(signed_in: Client, widget: Widget, teammate: Person) -> None:
    conversation = asked(widget, "How long?")
    signed_in.get(f"/o/shop/support/conversations/{conversation.pk}/")
    with acting_in(conversation.organisation_id):
        entry = Entry.objects.get(action="support.conversation_read", actor_kind="person")
    assert (entry.actor_id, entry.object_id, entry.subject_id) == (
        teammate.pk, conversation.pk, conversation.visitor_id,
    )  # fmt: skip


def test_listing_conversations_is_recorded(signed_in: Client, widget: Widget) -> None:
    conversation = asked(widget, "How long?")
    signed_in.get("/o/shop/support/")
    with acting_in(conversation.organisation_id):
        assert Entry.objects.filter(action="support.conversation_listed", object_id=conversation.pk).count() == 1


def test_markup_in_a_message_stays_text(signed_in: Client, widget: Widget) -> None:
    conversation = asked(widget, "<script>alert(1)</script>")
    for address in ("/o/shop/support/", f"/o/shop/support/conversations/{conversation.pk}/"):
        page = signed_in.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_questions_without_an_answer_are_listed(signed_in: Client, widget: Widget) -> None:
    asked(widget, "Do you sell boats?", ABSTAINED)
    asked(widget, "How long?")
    page = signed_in.get("/o/shop/support/unanswered/").content.decode()
    assert "Do you sell boats?" in page
    assert "How long?" not in page


@pytest.mark.parametrize("path", ["", "unanswered/", "sites/", "sites/add/"])
def test_a_stranger_finds_no_support_room(client: Client, site: Site, stranger: Person, path: str) -> None:
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/o/shop/support/{path}").status_code == 404


def test_an_agent_cannot_change_sites(signed_in: Client, site: Site) -> None:
    assert signed_in.get(f"/o/shop/support/sites/{site.pk}/").status_code == 403


def test_a_conversation_of_another_organisation_does_not_exist(
    client: Client, stranger: Person, widget: Widget, other_organisation: Organisation
) -> None:
    conversation = asked(widget, "How long?")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/o/clinic/support/conversations/{conversation.pk}/").status_code == 404


def test_an_administrator_adds_a_site_and_gets_its_line(administering: Client, organisation: Organisation) -> None:
    answer = administering.post(
        "/o/shop/support/sites/add/",
        {
            "name": "Main shop",
            "origins": "shop.example\nhttps://www.shop.example/",
            "accent": "#123456",
            "active": "on",
        },
        follow=True,
    )
    with acting_in(organisation):
        site = Site.objects.get()
    assert site.allowed_origins == ["https://shop.example", "https://www.shop.example"]
    assert f"data-site=&quot;{site.key}&quot;" in answer.content.decode()


def test_an_address_that_is_none_is_explained(administering: Client, site: Site) -> None:
    answer = administering.post(
        f"/o/shop/support/sites/{site.pk}/",
        {"name": "Main", "origins": "https://shop.example/help", "accent": "#123456"},
    )
    assert answer.status_code == 400
    assert "names a page" in answer.content.decode()


def test_a_changed_site_is_recorded(administering: Client, site: Site) -> None:
    administering.post(f"/o/shop/support/sites/{site.pk}/", {"name": "New name", "accent": "#123456", "active": "on"})
    with acting_in(site.organisation_id):
        assert Entry.objects.filter(action="support.site_changed", object_id=site.pk).count() == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [("javascript:alert(1)", 400), ("//evil.example", 400), ("/privacy/", 302), ("https://a.example/p", 302)],
)
def test_a_privacy_notice_is_a_page_of_the_web(administering: Client, site: Site, address: str, status: int) -> None:
    values = {"name": "Main", "accent": "#123456", "privacy_url": address}
    assert administering.post(f"/o/shop/support/sites/{site.pk}/", values).status_code == status
