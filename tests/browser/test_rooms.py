from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import assert_no_sideways_scrolling
from tests.browser.fixtures import Axe, Cast, Looks, NewContext, SignIn


@pytest.mark.parametrize("role", ["administrator", "agent", "teacher", "student", "clinician", "auditor"])
def test_home_shows_the_doors_of_the_role(page: Page, cast: Cast, signed_in: SignIn, axe: Axe, role: str) -> None:
    signed_in(page, cast[role])
    page.goto("/")
    expect(page.get_by_role("heading", name="The Shop")).to_be_visible()
    expect(page.get_by_role("link", name="Console")).to_have_count(1 if role == "administrator" else 0)
    axe(page)


def test_every_door_that_is_shown_opens(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    seen: set[str] = set()
    for role in ("administrator", "agent"):
        page.context.clear_cookies()
        signed_in(page, cast[role])
        page.goto("/o/shop/")
        doors = [link.get_attribute("href") or "" for link in page.locator("a.door").all()]
        for address in doors:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            if address not in seen:
                axe(page)
        seen.update(doors)


@pytest.mark.parametrize(
    ("role", "address", "status", "heading"),
    [
        ("agent", "/nothing/", 404, "There is no such page here"),
        ("agent", "/o/shop/console/", 403, "Your role does not open this page"),
        ("stranger", "/o/shop/", 404, "There is no such page here"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(
    page: Page, cast: Cast, signed_in: SignIn, axe: Axe, role: str, address: str, status: int, heading: str
) -> None:
    signed_in(page, cast[role])
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("#request-id")).not_to_be_empty()
    expect(page.get_by_role("link", name="Go home")).to_be_visible()
    axe(page)


ANYBODYS = ("/", "/accounts/login/", "/nothing/")
ADMINISTRATORS = ("/", "/o/shop/", "/o/shop/console/", "/accounts/2fa/")


@pytest.mark.parametrize(
    "options",
    [{}, {"viewport": {"width": 320, "height": 640}, "has_touch": True}],
    ids=["wide", "narrow, touch"],
)
def test_pages_stay_readable_in_the_dark(
    new_context: NewContext, cast: Cast, signed_in: SignIn, axe: Axe, options: dict[str, object]
) -> None:
    page = new_context(color_scheme="dark", **options).new_page()
    for address in ANYBODYS:
        page.goto(address)
        axe(page)
    signed_in(page, cast["administrator"])
    for address in ADMINISTRATORS:
        page.goto(address)
        axe(page)
    page.locator("summary").last.click()
    axe(page)


def test_pages_fit_a_narrow_a_zoomed_and_a_wide_screen(new_context: NewContext, cast: Cast, signed_in: SignIn) -> None:
    sizes = (
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
        {"viewport": {"width": 2200, "height": 1200}},
    )
    for options in sizes:
        page = new_context(**options).new_page()
        for address in ANYBODYS:
            page.goto(address)
            assert_no_sideways_scrolling(page)
        signed_in(page, cast["administrator"])
        for address in ADMINISTRATORS:
            page.goto(address)
            assert_no_sideways_scrolling(page)


def test_the_language_can_be_chosen_and_stays(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["teacher"])
    page.goto("/")
    page.locator("summary", has_text="Display").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.goto("/o/shop/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    axe(page)


def test_the_colours_can_be_chosen_and_stay(page: Page) -> None:
    page.goto("/")
    page.locator("summary", has_text="Display").click()
    with page.expect_response("**/preferences/theme"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_choices_work_without_scripts(new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.locator("summary", has_text="Display").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_key_lists_the_shortcuts_and_can_be_switched_off(page: Page, axe: Axe) -> None:
    page.goto("/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    axe(page)
    dialog.get_by_label("Single-key shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()


def test_the_service_worker_keeps_no_page(page: Page, cast: Cast, signed_in: SignIn) -> None:
    signed_in(page, cast["agent"])
    page.goto("/o/shop/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    kept = page.evaluate(
        "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(store => store.keys()))))"
        ".then(lists => lists.flat().map(request => new URL(request.url).pathname))"
    )
    assert kept
    assert [path for path in kept if not path.startswith("/static/")] == []
    page.context.set_offline(True)
    page.goto("/o/shop/")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection to LLMasOS")


@pytest.mark.parametrize(
    ("role", "addresses"),
    [
        ("administrator", ["tutor/rosters/"]),
        (
            "clinician",
            [
                "clinical/references/",
                "clinical/medicines/",
                "clinical/differential/",
                "clinical/about/",
                "clinical/calculators/",
                "clinical/calculators/bmi/",
            ],
        ),
    ],
)
def test_a_page_of_the_role_is_readable_wide_and_narrow(
    page: Page, cast: Cast, signed_in: SignIn, looks: Looks, role: str, addresses: list[str]
) -> None:
    signed_in(page, cast[role])
    for address in addresses:
        answer = page.goto(f"/o/shop/{address}")
        assert answer is not None
        assert answer.status == 200, address
        looks(page)


def test_what_a_clinician_wrote_is_read_and_checked(page: Page, cast: Cast, signed_in: SignIn, looks: Looks) -> None:
    signed_in(page, cast["clinician"])
    page.goto("/o/shop/clinical/medicines/")
    page.get_by_label("Orders").fill("warfarin 5 mg once a day\nibuprofen 400 mg three times a day\nfoobarol 3 mg")
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_text("No medicine is known by the name “foobarol”")).to_be_visible()
    looks(page)
    page.goto("/o/shop/clinical/differential/")
    page.get_by_label("What was told and seen").fill("45 year old man with crushing chest pain, sweating and nausea.")
    page.get_by_role("button", name="Read the text").click()
    expect(page.get_by_label("Sweating")).to_be_visible()
    looks(page)
    page.get_by_label("What you think of").fill("Myocardial infarction")
    page.get_by_role("button", name="Show the options").click()
    expect(page.get_by_role("button", name="Show the options")).to_have_count(0)
    looks(page)


def test_what_cannot_be_undone_is_asked_first(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/tutor/terms/")
    page.get_by_label("Name").fill("Spring")
    page.get_by_label("First day").fill("2027-02-01")
    page.get_by_label("Last day").fill("2027-06-30")
    page.get_by_role("main").get_by_role("button").last.click()
    page.get_by_role("link", name="Spring").click()
    page.get_by_role("button", name="Delete the term").click()
    asked = page.get_by_role("dialog", name="Delete the term?")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    axe(page)
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    page.get_by_role("button", name="Delete the term").click()
    asked.get_by_role("button", name="Delete the term").click()
    expect(page).to_have_url(re.compile("/terms/$"))
    expect(page.get_by_role("link", name="Spring")).to_have_count(0)
