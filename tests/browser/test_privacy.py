from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Axe, Cast, NewContext, SignIn
from tests.browser.live import LivePlatform

ROOMS = ("", "requests/", "retention/?count", "processing/")


@pytest.mark.parametrize("options", [{"viewport": {"width": 320, "height": 700}}, {"color_scheme": "dark"}])
def test_the_privacy_pages_are_accessible_and_narrow_enough(
    new_context: NewContext, cast: Cast, signed_in: SignIn, axe: Axe, options: dict[str, object]
) -> None:
    page = new_context(**options).new_page()
    signed_in(page, cast["administrator"])
    for room in ROOMS:
        page.goto(f"/o/shop/privacy/{room}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), room


def test_a_request_travels_from_the_person_to_the_decision(
    new_context: NewContext, cast: Cast, signed_in: SignIn, axe: Axe, live_platform: LivePlatform
) -> None:
    person, officer = new_context().new_page(), new_context().new_page()
    signed_in(person, cast["agent"])
    person.goto("/o/shop/privacy/")
    person.get_by_label("Something about me is wrong: correct it").check()
    person.get_by_label("In your words").fill("I am called Robin")
    person.get_by_role("button", name="Send the request").click()
    expect(person.get_by_text("Your request is with the organisation.")).to_be_visible()
    axe(person)
    signed_in(officer, cast["administrator"])
    officer.goto("/o/shop/privacy/requests/")
    axe(officer)
    officer.get_by_role("link", name="Correction").click()
    expect(officer.get_by_text("I am called Robin")).to_be_visible()
    axe(officer)
    officer.get_by_label("Refuse", exact=True).check()
    officer.get_by_role("button", name="Decide").click()
    expect(officer.get_by_role("alert")).to_contain_text("Say why.")
    axe(officer)
    officer.get_by_label("Reason").fill("You are called Robin already")
    officer.get_by_role("button", name="Decide").click()
    expect(officer.get_by_text("The decision is stored.")).to_be_visible()
    person.reload()
    expect(person.get_by_text("You are called Robin already")).to_be_visible()


def test_a_member_downloads_what_is_held(page: Page, cast: Cast, signed_in: SignIn) -> None:
    signed_in(page, cast["teacher"])
    page.goto("/o/shop/privacy/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything").click()
    assert download.value.suggested_filename == "my-data.zip"


def test_a_visitor_opens_their_data_from_the_chat(
    new_context: NewContext, cast: Cast, axe: Axe, live_platform: LivePlatform
) -> None:
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in
    from support_bot.models import Site

    with live_platform.database():
        organisation_id = organisation_id_by_slug("clinic")
        assert organisation_id is not None
        with acting_in(organisation_id):
            site = Site.objects.create(organisation_id=organisation_id, name="Help", allowed_origins=["self"])
    context = new_context()
    page = context.new_page()
    page.goto(f"/widget/{site.key}/")
    page.get_by_role("button", name="My data").click()
    expect(page.get_by_text("Nothing is stored about you")).to_be_visible()
    page.get_by_label("Your question").fill("Where is my parcel?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("body")).to_contain_text("Where is my parcel?")
    # The time stands beside a question that is stored.
    expect(page.locator(".visitor time")).to_be_visible()
    with context.expect_page() as opened:
        page.get_by_role("button", name="My data").click()
    mine = opened.value
    expect(mine.get_by_role("heading", name="My data in this chat")).to_be_visible()
    expect(mine.get_by_text("Question stored")).to_be_visible()
    axe(mine)
    mine.get_by_label("Erase my data").check()
    mine.get_by_role("button", name="Send the request").click()
    expect(mine.get_by_text("Your request is with the organisation.")).to_be_visible()
    axe(mine)
    with mine.expect_download():
        mine.get_by_role("button", name="Download everything").click()
    assert "token" not in mine.url
