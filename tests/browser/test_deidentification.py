from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.fixtures import Axe, Cast, SignIn

TEXT = "My name is Ngozi Adeyemi, mail ngozi@example.com, card 4111 1111 1111 1111, seen 2026-01-10."


def test_an_administrator_tries_a_text_and_saves_a_policy(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/privacy/deidentification/")
    axe(page)
    page.get_by_label("Text", exact=True).fill(TEXT)
    page.get_by_role("button", name="Show what is found").click()
    expect(page.locator("mark").filter(has_text="Ngozi Adeyemi")).to_be_visible(timeout=240_000)
    expect(page.get_by_role("region", name="Findings")).to_contain_text("card")
    axe(page)
    page.get_by_label("E-mail address").select_option("redact")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Version 1 of the policy holds from now on.")).to_be_visible()
    axe(page)
