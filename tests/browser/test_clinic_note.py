"""From what was recorded in a visit to its signed note, the PDF of it, and its entry in the log."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import found_person, organisation_of, scripts_held
from tests.browser.fixtures import Axe, Cast, Looks, NewContext, SignIn
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from llmasos.accounts.models import Person

ALLERGY = "Allergy: Penicillin; reaction: rash."


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


def test_a_visit_becomes_a_signed_note_with_its_entry_in_the_log(
    page: Page, visit: tuple[Person, str], live_platform: LivePlatform, signed_in: SignIn, looks: Looks, axe: Axe
) -> None:
    doctor, address = visit
    signed_in(page, doctor)
    page.goto(address)
    axe(page)
    drafted(page, address)
    looks(page)
    allergy = page.locator("[data-sentence]").filter(has=page.get_by_text(ALLERGY, exact=True))
    allergy.get_by_role("textbox").focus()
    expect(page.get_by_role("region", name="What the sentence stands on")).to_contain_text("Penicillin")

    page.get_by_role("button", name="Mark as reviewed").click()
    expect(page.get_by_role("alert")).to_contain_text("not opened beside")
    axe(page)
    for source in page.locator(".sentence--marked summary").all():
        source.click()
    expect(page.locator("[data-left]")).to_have_text("All marked sentences were opened.")
    page.get_by_label("Add to Plan, in your own words").fill("Daughter looks in tonight.")
    saved(page)
    looks(page)
    page.get_by_role("button", name="Mark as reviewed").click()
    page.get_by_role("link", name="Sign", exact=True).click()
    axe(page)
    page.get_by_label("The patient's date of birth").fill("1958-04-03")
    page.get_by_role("main").get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("not the patient of this note")).to_be_visible()
    page.get_by_label("The patient's date of birth").fill("1958-04-02")
    page.get_by_role("main").get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("AI-drafted")).to_have_count(0)
    digest = page.locator("dd code").inner_text()
    assert re.fullmatch("[0-9a-f]{64}", digest)
    looks(page)

    page.get_by_label("Addendum").fill("Culture sterile.")
    page.get_by_role("button", name="Sign the addendum").click()
    expect(page.get_by_role("heading", name="Addendum 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Note as PDF").click()
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(download.value.path().read_bytes())).pages)
    for part in ("Penicillin", "Daughter looks in tonight.", "Culture sterile.", digest):
        assert part in text
    for paper in ("For the patient", "Prescription draft"):
        page.get_by_role("link", name=paper).click()
        looks(page)
        page.get_by_role("link", name="Note", exact=True).click()
    with live_platform.database():
        assert digest in logged("clinical.note_signed")


def logged(action: str) -> str:
    from llmasos.accounts.tenancy import acting_in
    from llmasos.audit.models import Entry

    with acting_in(organisation_of("shop")):
        return str(list(Entry.objects.filter(action=action).values_list("digests", flat=True)))


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
