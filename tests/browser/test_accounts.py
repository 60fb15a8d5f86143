from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Axe, Cast, SignIn

ADDRESSES = ["/o/shop/people/", "/o/shop/keys/", "/o/shop/keys/new/", "/o/shop/audit/", "/account/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_of_administrators_are_accessible(
    page: Page, cast: Cast, signed_in: SignIn, axe: Axe, address: str
) -> None:
    signed_in(page, cast["administrator"])
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 320, "height": 720})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    axe(page)


def test_an_administrator_invites_someone_who_joins(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/people/")
    page.get_by_label("E-mail address").fill("newcomer@shop.example")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Shown once").input_value()
    axe(page)
    page.context.clear_cookies()
    page.goto(link)
    axe(page)
    page.get_by_label("Your name").fill("Newcomer")
    page.get_by_label("Password").fill("a quiet harbour")
    page.get_by_role("button", name="Accept and sign in").click()
    expect(page.get_by_text("Welcome to")).to_be_visible()


def test_a_log_is_verified_from_its_page(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/audit/")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("as it was written")).to_be_visible()
    axe(page)


def test_taking_access_asks_first(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/people/")
    page.get_by_role("button", name="Take access from").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("width", [1024, 1280])
def test_the_doors_of_an_administrator_keep_one_line(page: Page, cast: Cast, signed_in: SignIn, width: int) -> None:
    signed_in(page, cast["administrator"])
    page.set_viewport_size({"width": width, "height": 720})
    page.goto("/o/shop/audit/")
    doors = page.get_by_role("navigation", name="Rooms").get_by_role("link").all()
    boxes = [door.bounding_box() for door in doors]
    assert len(boxes) >= 8
    assert len({box["y"] for box in boxes if box}) == 1
    assert all(box["height"] < 60 and box["x"] + box["width"] <= width for box in boxes if box)


def test_on_a_narrow_screen_the_current_door_is_in_sight(page: Page, cast: Cast, signed_in: SignIn) -> None:
    signed_in(page, cast["administrator"])
    page.set_viewport_size({"width": 320, "height": 720})
    page.goto("/o/shop/audit/")
    expect(page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Audit log")).to_be_in_viewport(
        ratio=1
    )
