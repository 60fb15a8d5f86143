"""A clinician proposes another dose, a second person puts it in use, and the next order is held to it."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.browser.conftest import found_person, organisation_of
from tests.browser.fixtures import Cast, Looks, NewContext, SignIn
from tests.browser.live import LivePlatform


def test_a_dose_is_proposed_reviewed_and_the_next_order_is_held_to_it(
    live_platform: LivePlatform, new_context: NewContext, cast: Cast, signed_in: SignIn, looks: Looks
) -> None:
    from clinical_assist.models import CareTeamMember, Encounter, Patient
    from llmasos.accounts.tenancy import acting_in

    with live_platform.database():
        shop = organisation_of("shop")
        curator = found_person(shop, "curator@shop.example", "clinician", name="Cora Curator")
        manager = found_person(shop, "formulary@shop.example", "administrator", name="Max Manager")
        with acting_in(shop):
            patient = Patient.objects.create(
                organisation=shop, family_name="Ode", given_names="Ann", birth_date=date(1970, 5, 1), sex="male"
            )
            CareTeamMember.objects.create(organisation=shop, patient=patient, person=curator, part="responsible")
            encounter = Encounter.objects.create(organisation=shop, patient=patient, state="open", reason="Pressure")

    page = new_context().new_page()
    signed_in(page, curator)
    page.goto("/o/shop/clinical/medicines/tables/?q=ourvasc")
    expect(page.get_by_role("heading", name="No medicine has that name")).to_be_visible()
    page.goto("/o/shop/clinical/medicines/tables/?q=norvasc")
    looks(page)
    page.get_by_role("link", name="amlodipine").click()
    expect(page.get_by_text("2.5 to 10 mg a day, at most 10 mg at once")).to_be_visible()
    looks(page)
    page.get_by_role("link", name="Propose a change", exact=True).first.click()
    page.get_by_label("Adults: most at once").fill("five")
    page.get_by_label("Adults: most a day").fill("5")
    page.get_by_label("Brands").fill("Norvasc, Ourvasc")
    page.get_by_label("What was changed and why").fill("Our formulary gives 5 mg")
    page.get_by_role("button", name="Check and propose").click()
    expect(page.get_by_role("alert")).to_contain_text("“five” is no number over 0")
    looks(page)
    page.get_by_label("Adults: most at once").fill("5")
    page.get_by_role("button", name="Check and propose").click()
    expect(page.get_by_text("You proposed it: somebody else reviews it.")).to_be_visible()
    expect(page.get_by_role("region", name="What it does to the list")).to_contain_text("21 of 21")
    looks(page)
    version = page.url

    other = new_context().new_page()
    signed_in(other, manager)
    other.goto(version)
    expect(other.get_by_role("row", name="Adults: most at once (mg) 10 5")).to_be_visible()
    other.get_by_label("What you looked at and found").fill("As the formulary has it")
    other.get_by_role("button", name="Approve").click()
    other.get_by_role("button", name="Put in use").click()
    expect(other.get_by_text("is in use from now on.")).to_be_visible()

    page.goto(f"/o/shop/clinical/encounters/{encounter.pk}/plan/")
    page.get_by_label("Kind", exact=True).select_option("medicine")
    page.get_by_label("What is to be done").fill("Ourvasc 10 mg once a day")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Stops the order").first).to_be_visible()
    expect(page.get_by_text("amlodipine: 10 mg at once is more than the usual most, 5 mg.").first).to_be_visible()
    expect(page.get_by_text("Tables of medicines: version 4, local 1")).to_be_visible()

    page.goto("/o/shop/clinical/oversight/medicines/")
    page.get_by_label("Or rows, typed or pasted").fill("name,dose_high\namlodipine,10\n")
    page.get_by_role("button", name="Look at what would change").click()
    expect(page.get_by_text("1 row would differ. Nothing is proposed yet.")).to_be_visible()
    looks(page)
    page.goto("/o/shop/clinical/medicines/rules/interactions/?q=lithium")
    looks(page)
