from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from llmasos.accounts.models import Person


def test_a_visitor_is_welcomed_and_finds_the_way_in(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/")
    axe(page)
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    axe(page)


def test_a_wrong_password_is_said_on_top(page: Page, cast: dict[str, Person], axe: Callable[[Page], None]) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(cast["agent"].email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("not correct")
    axe(page)
