"""One visit from another system's file to the log: import, intake, own list, reveal, what if, plan, note, export."""

from __future__ import annotations

import io
import json
import re

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import found_person, organisation_of, scripts_held
from tests.browser.fixtures import Cast, Looks, NewContext, SignIn
from tests.browser.live import LivePlatform
from tests.clinical_assist.fhir import bundles

BORN = "1971-09-30"
TEXT = "Crushing chest pain for two hours going down the left arm, no fever. His father had a stroke."
ALLERGY = "Allergy: Penicillins"


def test_a_visit_from_import_to_the_log(
    live_platform: LivePlatform, page: Page, new_context: NewContext, cast: Cast, signed_in: SignIn, looks: Looks
) -> None:
    with live_platform.database():
        clinician = found_person(organisation_of("shop"), "journey@shop.example", "clinician", name="Ida Examiner")
    signed_in(page, clinician)
    imported(page, looks)
    asked_and_ranked(page, looks)
    planned(page, looks)
    digest = noted(page, looks)
    exported(page)

    auditor = new_context().new_page()
    signed_in(auditor, cast["auditor"])
    auditor.goto("/o/shop/audit/?action=clinical.note_signed")
    auditor.locator("table a[href*='/audit/entries/']").first.click()
    expect(auditor.get_by_role("main")).to_contain_text(digest[:12])


def imported(page: Page, looks: Looks) -> None:
    page.goto("/o/shop/")
    page.get_by_role("main").get_by_role("link", name="Clinical").click()
    expect(page.get_by_role("heading", name="Nobody is due today")).to_be_visible()
    page.get_by_role("link", name="Import", exact=True).click()
    taken = bundles.medication(30, "Simvastatin 40 MG Oral Tablet")
    content = bundles.bundle(bundles.patient(), bundles.pressure(), bundles.potassium(), bundles.allergy(), taken)
    page.locator("input[type=file]").set_input_files(
        {"name": "osei.json", "mimeType": "application/json", "buffer": content}
    )
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("New here: you become responsible")).to_be_visible()
    looks(page)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("link", name="Osei, Kwame Kofi").click()
    expect(page.get_by_role("region", name="Patient", exact=True)).to_contain_text("Penicillins")
    page.get_by_role("link", name="Visits", exact=True).click()
    page.get_by_label("Reason").fill("Chest pain")
    page.get_by_role("button", name="Plan or begin").click()


def asked_and_ranked(page: Page, looks: Looks) -> None:
    # What is typed while the scripts are still on their way is saved too.
    with scripts_held(page, "**/*.js"):
        page.get_by_role("link", name=re.compile("Intake")).click(no_wait_after=True)
        page.get_by_label("What was told and seen").fill(TEXT)
    expect(page.get_by_label("Crushing, heavy or squeezing pain")).to_have_value("present")
    expect(page.get_by_label("Fever", exact=True)).to_have_value("absent")
    expect(page.get_by_role("heading", name="Consider urgent assessment")).to_be_visible()
    looks(page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_text("asked")).to_be_visible()

    page.get_by_role("link", name="To the differential").click()
    expect(page.get_by_text("Options to consider")).to_have_count(0)
    page.get_by_label("What you think of").fill("heart attack\npanic")
    looks(page)
    page.get_by_role("button", name="Commit my list").click()
    page.get_by_role("button", name="Show the machine's list").click()
    expect(page.get_by_text("Your first and the machine's first are the same.")).to_be_visible()
    first = page.locator("#picture article h3").first
    expect(first).to_contain_text("Acute coronary syndrome")
    looks(page)
    told = ("Crushing, heavy or squeezing pain", "Chest pain", "Pain going to arm, jaw or neck")
    for finding in (*told, "Cardiac-type pain at rest or longer than 15 minutes"):
        page.locator("#what-if-form").get_by_label(finding, exact=True).select_option("absent")
    expect(page.get_by_text("What if:")).to_be_visible()
    expect(first).not_to_contain_text("Acute coronary syndrome")
    looks(page)
    page.get_by_role("link", name="Back to what was found").click()
    expect(first).to_contain_text("Acute coronary syndrome")
    expect(page.get_by_text("What if:")).to_have_count(0)


def planned(page: Page, looks: Looks) -> None:
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("button", name="Acute coronary syndrome").click()
    looks(page)
    page.get_by_label("What is to be done").last.fill("clarithromycin 500 mg twice a day")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Stops the order").first).to_be_visible()
    looks(page)
    page.get_by_role("link", name="Check again and sign").click()
    expect(page.get_by_role("alert")).to_contain_text("not answered")
    page.get_by_role("link", name="Back to the draft").first.click()
    stop = page.locator(".plan-alert--1")
    stop.get_by_label("Reason").select_option(index=1)
    stop.get_by_label("In words").fill("Simvastatin is paused while it is taken.")
    stop.get_by_role("button", name="Order it all the same").click()
    expect(page.get_by_text("Simvastatin is paused")).to_be_visible()
    while page.get_by_text("Keep the order because:").count():
        page.locator(".plan-alert--2 .button-row button").first.click()
    page.get_by_role("link", name="Check again and sign").click()
    looks(page)
    page.get_by_label("The patient's date of birth").fill(BORN)
    page.get_by_role("main").get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="Signed plan", exact=True)).to_be_visible()


def noted(page: Page, looks: Looks) -> str:
    page.get_by_role("link", name="Note", exact=True).click()
    looks(page)
    page.get_by_role("button", name="Draft the note").click()
    expect(page.locator("form[data-ready]")).to_be_attached()
    looks(page)
    allergy = page.locator("[data-sentence]").filter(has=page.get_by_text(ALLERGY))
    allergy.get_by_role("textbox").focus()
    expect(page.get_by_role("region", name="What the sentence stands on")).to_contain_text("Penicillins")
    page.get_by_role("button", name="Mark as reviewed").click()
    expect(page.get_by_role("alert")).to_contain_text("not opened beside")
    looks(page)
    for source in page.locator(".sentence--marked summary").all():
        source.click()
    expect(page.locator("[data-left]")).to_have_text("All marked sentences were opened.")
    page.get_by_label("Add to Plan, in your own words").fill("Daughter looks in tonight.")
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.get_by_role("button", name="Mark as reviewed").click()
    page.get_by_role("link", name="Sign", exact=True).click()
    looks(page)
    page.get_by_label("The patient's date of birth").fill("1971-09-03")
    page.get_by_role("main").get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("not the patient of this note")).to_be_visible()
    page.get_by_label("The patient's date of birth").fill(BORN)
    page.get_by_role("main").get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("AI-drafted")).to_have_count(0)
    digest = page.locator("dd code").inner_text()
    assert re.fullmatch("[0-9a-f]{64}", digest)
    looks(page)

    page.get_by_label("Addendum").fill("Troponin not raised.")
    page.get_by_role("button", name="Sign the addendum").click()
    expect(page.get_by_role("heading", name="Addendum 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Note as PDF").click()
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(download.value.path().read_bytes())).pages)
    for part in ("Penicillins", "Daughter looks in tonight.", "Troponin not raised.", digest):
        assert part in text
    for paper in ("For the patient", "Prescription draft"):
        page.get_by_role("link", name=paper).click()
        looks(page)
        page.get_by_role("link", name="Note", exact=True).click()
    return digest


def exported(page: Page) -> None:
    page.get_by_role("link", name="Record", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as FHIR").click()
    resources = [one["resource"] for one in json.loads(download.value.path().read_bytes())["entry"]]
    orders = str([one for one in resources if one["resourceType"] == "MedicationRequest"])
    assert "Simvastatin" in orders
    assert "clarithromycin" in orders
    assert "Composition" in {one["resourceType"] for one in resources}
