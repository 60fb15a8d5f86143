from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.conftest import scripts_held
from tests.browser.fixtures import NewContext
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from llmasos.accounts.models import Person

ARTICLES = [
    {
        "id": "gift-cards",
        "title": "Gift cards",
        "text": "## Validity\n\nA gift card is valid for 5 years from the day of purchase. A gift card can be paid out"
        " in cash below 10 euros.",
        "url": "/demo/shop/help/giftcard-use/",
    },
    {"id": "returns", "title": "Returns", "text": "You may return unused articles within 60 days of receiving them."},
    {"id": "parking", "title": "Parking", "text": "The car park of the shop in Wexmouth has 80 places."},
]
QUESTION = "How long is a gift card valid from the day of purchase?"
READY_SECONDS = 240.0


@pytest.fixture(scope="module")
def site_id(live_platform: LivePlatform, cast: dict[str, Person]) -> UUID:
    """A site of the shop that the demo pages show, and a collection that is ready."""
    from llmasos.accounts.principals import system_principal
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in
    from llmasos.retrieval import services as retrieval
    from llmasos.retrieval.models import Document
    from support_bot.models import Site
    from support_bot.sites import set_collections

    with live_platform.database():
        organisation_id = organisation_id_by_slug("shop")
        assert organisation_id is not None
        principal = system_principal(organisation_id)
        collection = retrieval.add_collection(principal, name="handbook")
        lines = "\n".join(json.dumps(article) for article in ARTICLES)
        retrieval.import_upload(principal, collection=collection, name="handbook.jsonl", content=lines.encode())
        with acting_in(organisation_id):
            site = Site.objects.create(
                organisation_id=organisation_id,
                name="Shop help",
                allowed_origins=["self"],
                privacy_url="https://shop.example/privacy",
            )
            set_collections(site, [collection.pk])
        give_up = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up:
            with acting_in(organisation_id):
                states = set(Document.objects.for_organisation(organisation_id).values_list("state", flat=True))
            if states == {"ready"}:
                return site.pk
            time.sleep(0.2)
    raise AssertionError(f"the documents did not become ready: {states}")


def opened(page: Page) -> Frame:
    """Open the chat on the shop's page and return its frame, ready."""
    page.goto("/demo/shop/")
    page.get_by_role("button", name="Open chat").click()
    page.frame_locator("iframe").locator("body[data-ready]").wait_for()
    return next(frame for frame in page.frames if "/widget/" in frame.url)


@pytest.fixture
def chat(page: Page, site_id: UUID) -> Frame:
    return opened(page)


def ask(chat: Frame, text: str) -> None:
    chat.get_by_label("Your question").fill(text)
    chat.get_by_label("Your question").press("Enter")


def finished(chat: Frame, count: int = 1) -> None:
    expect(chat.get_by_role("group", name="Was this answer helpful?")).to_have_count(count)


def scrolls_sideways(page: Page | Frame) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@contextmanager
def models_held(platform: LivePlatform) -> Iterator[None]:
    """Hold the models worker: what is asked meanwhile waits."""
    worker = platform.processes["models"]
    worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


def test_a_question_typed_before_the_script_runs_waits_in_the_field(new_context: NewContext, site_id: UUID) -> None:
    page = new_context(service_workers="block").new_page()
    with scripts_held(page, "**/frame/app*.js"):
        page.goto("/demo/shop/")
        page.get_by_role("button", name="Open chat").click()
        frame = page.frame_locator("iframe")
        frame.get_by_label("Your question").fill(QUESTION)
        expect(frame.get_by_role("button", name="Send")).to_be_disabled()
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("log")).to_contain_text(QUESTION)


def test_a_question_gets_a_quoted_answer_with_its_source(chat: Frame, page: Page, axe: Callable[[Any], None]) -> None:
    axe(chat)
    ask(chat, QUESTION)
    finished(chat)
    expect(chat.locator("blockquote").first).to_contain_text("valid for 5 years")
    axe(chat)
    chat.get_by_role("button", name="Open source").first.click()
    dialog = chat.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Gift cards")
    expect(dialog).to_contain_text("below 10 euros")
    expect(dialog.get_by_role("link", name="Open the whole document")).to_have_attribute(
        "href", f"{page.url.partition('/demo')[0]}/demo/shop/help/giftcard-use/"
    )
    axe(chat)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(chat.get_by_role("button", name="Open source").first).to_be_focused()


def test_the_answer_is_announced_once_it_is_complete(chat: Frame) -> None:
    ask(chat, QUESTION)
    finished(chat)
    expect(chat.get_by_role("log")).to_have_attribute("aria-busy", "false")
    expect(chat.locator("#status")).to_contain_text("valid for 5 years")


def test_a_question_without_an_answer_is_declined(chat: Frame) -> None:
    ask(chat, "Quel temps fera-t-il demain?")
    finished(chat)
    expect(chat.get_by_role("log")).to_contain_text("could not find")


def test_history_and_thumb_are_there_on_return(chat: Frame, page: Page) -> None:
    ask(chat, QUESTION)
    finished(chat)
    chat.get_by_role("button", name="Helpful", exact=True).click()
    expect(chat.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    again = opened(page)
    expect(again.get_by_role("log")).to_contain_text(QUESTION)
    expect(again.locator("blockquote").first).to_contain_text("valid for 5 years")
    expect(again.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")


def test_an_answer_can_be_stopped(chat: Frame, live_platform: LivePlatform, axe: Callable[[Any], None]) -> None:
    with models_held(live_platform):
        ask(chat, QUESTION)
        expect(chat.get_by_role("log")).to_have_attribute("aria-busy", "true")
        axe(chat)
        chat.get_by_role("button", name="Stop answering").click()
        expect(chat.get_by_role("log")).to_contain_text("Stopped.")
    expect(chat.get_by_role("button", name="Send")).to_be_visible()


def test_an_unfinished_answer_goes_on_after_a_reload(chat: Frame, page: Page, live_platform: LivePlatform) -> None:
    with models_held(live_platform):
        ask(chat, QUESTION)
        expect(chat.get_by_role("log")).to_have_attribute("aria-busy", "true")
        expect(chat.locator(".visitor time")).to_be_visible()
        again = opened(page)
        expect(again.get_by_role("log")).to_have_attribute("aria-busy", "true")
    finished(again)
    expect(again.locator("blockquote").first).to_contain_text("valid for 5 years")


def test_a_message_that_could_not_be_sent_is_kept_and_sent_once(
    chat: Frame, page: Page, axe: Callable[[Any], None]
) -> None:
    page.context.set_offline(True)
    ask(chat, QUESTION)
    expect(chat.get_by_role("button", name="Try again")).to_be_visible()
    expect(chat.get_by_role("log")).to_contain_text(QUESTION)
    axe(chat)
    page.context.set_offline(False)
    chat.get_by_role("button", name="Try again").click()
    finished(chat)
    expect(opened(page).locator(".visitor")).to_have_count(1)


def test_markup_stays_text(chat: Frame, page: Page) -> None:
    alarms: list[str] = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    ask(chat, "<img src=x onerror=alert(1)> hello")
    finished(chat)
    expect(chat.locator(".visitor")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(opened(page).locator(".visitor")).to_contain_text("<img src=x onerror=alert(1)>")
    assert alarms == []


def test_the_chat_is_used_by_keyboard_alone(page: Page, site_id: UUID) -> None:
    page.goto("/demo/shop/")
    launcher = page.get_by_role("button", name="Open chat")
    launcher.focus()
    page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    expect(chat.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("Hello")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("there")
    page.keyboard.press("Enter")
    expect(chat.locator(".visitor .bubble")).to_have_text("Hello\nthere")
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(page.get_by_role("button", name="Open chat")).to_be_focused()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_narrow_screen_is_filled_without_scrolling_sideways(
    new_context: Callable[..., BrowserContext], site_id: UUID, axe: Callable[[Any], None], colours: str
) -> None:
    page = new_context(viewport={"width": 320, "height": 640}, color_scheme=colours).new_page()
    chat = opened(page)
    ask(chat, QUESTION)
    finished(chat)
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (320, 640)
    assert not scrolls_sideways(chat)
    assert not scrolls_sideways(page)
    axe(chat)
    chat.get_by_role("button", name="Close chat").click()
    expect(page.locator("iframe")).to_be_hidden()
    axe(page)


def test_another_websites_page_cannot_show_the_chat(page: Page, site_id: UUID, live_platform: LivePlatform) -> None:
    key = opened(page).locator("body").get_attribute("data-site")
    other = live_platform.url.replace("localhost", "127.0.0.1")
    page.route(
        f"{other}/elsewhere",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<iframe src="{live_platform.url}/widget/{key}/"></iframe>'
        ),
    )
    page.goto(f"{other}/elsewhere")
    expect(page.frame_locator("iframe").get_by_label("Your question")).to_have_count(0)


def test_the_agents_pages_are_sound(
    new_context: Callable[..., BrowserContext],
    site_id: UUID,
    cast: dict[str, Person],
    signed_in: Callable[[Page, Person], None],
    axe: Callable[[Any], None],
) -> None:
    visitor = new_context().new_page()
    asking = opened(visitor)
    ask(asking, QUESTION)
    finished(asking)
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    signed_in(page, cast["administrator"])
    for path in ("", "?outcome=failed", "unanswered/", "sites/", "sites/add/", f"sites/{site_id}/"):
        page.goto(f"/o/shop/support/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        axe(page)
        assert not scrolls_sideways(page), path
    page.goto("/o/shop/support/")
    page.get_by_role("link", name=QUESTION).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conversation")
    expect(page.get_by_role("main")).to_contain_text("valid for 5 years")
    axe(page)
    assert not scrolls_sideways(page)
