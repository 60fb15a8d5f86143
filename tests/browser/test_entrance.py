from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.fixtures import Axe, Cast, SignIn


def test_a_visitor_is_welcomed_and_finds_the_way_in(page: Page, axe: Axe) -> None:
    page.goto("/")
    axe(page)
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    axe(page)


def test_a_wrong_password_is_said_on_top(page: Page, cast: Cast, axe: Axe) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(cast["agent"].email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("not correct")
    axe(page)


def test_the_keyboard_alone_signs_in_and_out(page: Page, cast: Cast) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(cast["agent"].email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Robin Agent")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    menu = page.locator("summary", has_text="Robin Agent")
    menu.focus()
    page.keyboard.press("Enter")
    out = page.get_by_role("button", name="Sign out")
    expect(out).to_be_visible()
    page.keyboard.press("Escape")
    expect(out).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    out.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()


def test_the_account_pages_wear_the_frame(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["auditor"])
    page.goto("/accounts/2fa/totp/activate/")
    axe(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/accounts/2fa/totp/activate/")
    axe(page)
    for address in ("password/reset/", "password/change/", "2fa/", "2fa/webauthn/add/", "email/"):
        page.goto(f"/accounts/{address}")
        assert page.url.endswith(address)
        expect(page.get_by_role("banner")).to_be_visible()
        axe(page)


def test_a_passkey_is_added_and_signs_in(page: Page, cast: Cast, signed_in: SignIn) -> None:
    """The scripts of the passkey pages run under the strict policy, with a device that the browser simulates."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    signed_in(page, cast["keyholder"])
    page.goto("/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label(re.compile("Name")).fill("Ward laptop")
    page.get_by_label(re.compile("Passwordless")).check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(re.compile("recovery-codes|webauthn/$"))
    page.locator("summary", has_text="Robin Keyholder").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Robin Keyholder")
