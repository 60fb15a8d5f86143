"""A clinician adds a patient, writes into the record, and comes back to a screen that locked itself."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, found_person, organisation_of
from tests.browser.fixtures import Cast, Looks, SignIn
from tests.browser.live import LivePlatform


def test_a_patient_is_added_and_written_about_and_an_idle_screen_locks(
    live_platform: LivePlatform, page: Page, cast: Cast, signed_in: SignIn, looks: Looks
) -> None:
    with live_platform.database():
        clinician = found_person(organisation_of("shop"), "recorder@shop.example", "clinician", name="Rhea Corder")
    signed_in(page, clinician)
    page.goto("/o/shop/clinical/today/")
    expect(page.get_by_role("heading", name="Nobody is due today")).to_be_visible()
    looks(page)

    page.get_by_role("link", name="Add a patient").click()
    page.get_by_label("Family name").fill("Larkin")
    page.get_by_label("Date of birth").fill("1961-05-09")
    page.get_by_role("button", name="Add", exact=True).click()
    banner = page.get_by_role("region", name="Patient", exact=True)
    expect(banner).to_contain_text("Not known: ask")
    page.get_by_role("button", name="Asked today: none known").click()
    expect(banner).to_contain_text("None known on")

    page.keyboard.press("m")
    page.get_by_label("Name", exact=True).fill("metfromin")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("metformin").check()
    looks(page)
    page.get_by_role("button", name="Save").click()

    page.get_by_role("link", name="Add vital signs").click()
    page.get_by_label("Temperature").fill("38.4")
    page.get_by_label("Weight").fill("150 lb")
    page.get_by_role("button", name="Save").click()
    expect(banner).to_contain_text("68 kg")

    page.get_by_role("link", name="Add a result").click()
    page.get_by_label("What", exact=False).first.select_option("potassium")
    page.get_by_label("Value").fill("5.9")
    page.get_by_label("Range to").fill("5.1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("complementary", name="Summary of the record")).to_contain_text("▲ high")
    looks(page)

    page.get_by_role("link", name="Visits", exact=True).click()
    page.get_by_label("Reason").fill("Fever")
    looks(page)
    page.clock.install()
    page.reload()
    page.get_by_label("Reason").fill("Fever")
    page.clock.fast_forward("05:10")
    lock = page.get_by_role("dialog", name="The screen is locked")
    expect(lock).to_be_visible()
    looks(page)
    lock.get_by_label("Password").fill("not this one")
    lock.get_by_role("button", name="Unlock").click()
    expect(lock.get_by_text("That was not it")).to_be_visible()
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Unlock").click()
    expect(lock).to_be_hidden()
    expect(page.get_by_label("Reason")).to_have_value("Fever")
    page.get_by_role("button", name="Plan or begin").click()
    expect(page.get_by_role("link", name=re.compile("Intake"))).to_be_visible()
