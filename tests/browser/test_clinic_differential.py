"""A clinician takes an intake, commits an own list, has the machine's revealed, and asks what if."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import found_person, organisation_of, scripts_held
from tests.browser.fixtures import Cast, Looks, SignIn
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from uuid import UUID

    from llmasos.accounts.models import Person

TEXT = "Crushing chest pain for two hours going down the left arm, no fever. His father had a stroke."


@dataclass(frozen=True)
class Visit:
    clinician: Person
    encounter_id: UUID

    @property
    def address(self) -> str:
        return f"/o/shop/clinical/encounters/{self.encounter_id}/"


@pytest.fixture(scope="module")
def visit(live_platform: LivePlatform, cast: Cast) -> Visit:
    """A visit under way of a patient whom a clinician cares for."""
    from clinical_assist.models import CareTeamMember, Encounter, Patient
    from llmasos.accounts.tenancy import acting_in

    with live_platform.database():
        shop = organisation_of("shop")
        clinician = found_person(shop, "examiner@shop.example", "clinician", name="Ida Examiner")
        owned = {"organisation": shop}
        with acting_in(shop):
            patient = Patient.objects.create(
                **owned, family_name="Quill", given_names="Otto", birth_date=date(1970, 3, 1), sex="male"
            )
            CareTeamMember.objects.create(**owned, patient=patient, person=clinician, part="responsible")
            encounter = Encounter.objects.create(**owned, patient=patient, state="open", clinician=clinician)
    return Visit(clinician, encounter.pk)


def test_intake_own_list_reveal_and_what_if(page: Page, visit: Visit, signed_in: SignIn, looks: Looks) -> None:
    signed_in(page, visit.clinician)

    # What is typed while the scripts are still on their way is saved too.
    with scripts_held(page, "**/*.js"):
        page.goto(f"{visit.address}intake/", wait_until="commit")
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

    for finding in ("Crushing, heavy or squeezing pain", "Chest pain", "Pain going to arm, jaw or neck"):
        page.locator("#what-if-form").get_by_label(finding, exact=True).select_option("absent")
    expect(page.get_by_text("What if:")).to_be_visible()
    expect(first).not_to_contain_text("Acute coronary syndrome")
    looks(page)
    page.get_by_role("link", name="Back to what was found").click()
    expect(first).to_contain_text("Acute coronary syndrome")
    expect(page.get_by_text("What if:")).to_have_count(0)
