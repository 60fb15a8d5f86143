"""A draft of a note in two windows, and typed into before its script runs. Its signing: ``test_clinic_journey``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import found_person, organisation_of, scripts_held
from tests.browser.fixtures import Axe, Cast, NewContext, SignIn
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from llmasos.accounts.models import Person


@pytest.fixture
def visit(live_platform: LivePlatform, cast: Cast) -> tuple[Person, str]:
    """A doctor of the shop, and the address of the note of a visit in which something was recorded."""
    from clinical_assist.models import CareTeamMember, Encounter, Intake, Patient, RecordItem
    from clinical_assist.record.items import Allergy, Measurement, Medication
    from llmasos.accounts.models import Person
    from llmasos.accounts.tenancy import acting_in

    with live_platform.database():
        shop = organisation_of("shop")
        doctor = Person.objects.filter(email="notes.doctor@shop.example").first()
        doctor = doctor or found_person(shop, "notes.doctor@shop.example", "clinician", name="Dora Doctor")
        owned = {"organisation": shop}
        with acting_in(shop):
            patient = Patient.objects.create(
                **owned, family_name="Marsh", given_names="Ada", birth_date=date(1958, 4, 2), sex="female"
            )
            CareTeamMember.objects.create(**owned, patient=patient, person=doctor)
            encounter = Encounter.objects.create(**owned, patient=patient, state="open", reason="Cough")
            items = {
                "allergy": Allergy(name="Penicillin", reaction="rash"),
                "medication": Medication(name="Metformin", dose_text="500 mg twice a day"),
                "vital": Measurement(name="Temperature", measure="temperature", value=38.6, unit="Cel", high=37.5),
            }
            for kind, item in items.items():
                RecordItem.objects.create(
                    **owned, patient=patient, kind=kind, content=item.content(), encounter=encounter
                )
            Intake.objects.create(**owned, patient=patient, encounter=encounter, text="Coughs since Monday.")
    return doctor, f"/o/shop/clinical/encounters/{encounter.pk}/note/"


def drafted(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Draft the note").click()
    expect(page.locator("form[data-ready]")).to_be_attached()


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def test_two_windows_on_one_sentence_show_both_texts(
    new_context: NewContext, visit: tuple[Person, str], signed_in: SignIn, axe: Axe
) -> None:
    doctor, address = visit
    context = new_context()
    page, other = context.new_page(), context.new_page()
    signed_in(page, doctor)
    drafted(page, address)
    other.goto(address)
    expect(other.locator("form[data-ready]")).to_be_attached()
    name = "Subjective, sentence 2"
    other.get_by_role("textbox", name=name, exact=True).fill("From the other window.")
    saved(other)
    page.get_by_role("textbox", name=name, exact=True).fill("From this window.")
    expect(page.get_by_role("alert")).to_contain_text("both texts are below")
    expect(page.locator("q[data-other]")).to_have_text("From the other window.")
    axe(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("textbox", name=name, exact=True)).to_have_value("From this window.")


def test_what_is_typed_before_the_script_runs_is_saved(
    new_context: NewContext, visit: tuple[Person, str], signed_in: SignIn
) -> None:
    doctor, address = visit
    page = new_context(service_workers="block").new_page()
    signed_in(page, doctor)
    drafted(page, address)
    field = page.get_by_role("textbox", name="Subjective, sentence 2", exact=True)
    with scripts_held(page, "**/notes/*.js"):
        page.reload(wait_until="commit")
        field.fill("Typed early.")
    saved(page)
    page.reload()
    expect(field).to_have_value("Typed early.")
