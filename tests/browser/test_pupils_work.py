"""A pupil answers, the connection breaks, another window writes too, and nothing is lost on the way to the receipt."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import found_person, scripts_held
from tests.browser.fixtures import Axe, Cast, NewContext, SignIn
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from llmasos.accounts.models import Person

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "short", "prompt": "Why does a puddle vanish on a warm day?", "points": Decimal(2)},
    {
        "kind": "numeric",
        "prompt": "How fast is a stone after falling for one second?",
        "numeric_value": 9.81,
        "numeric_unit": "m/s",
    },
    {
        "kind": "choice",
        "prompt": "Which is a gas at room temperature?",
        "options": [
            {"id": "a", "text": "Oxygen", "correct": True, "feedback": ""},
            {"id": "b", "text": "Iron", "correct": False, "feedback": ""},
        ],
    },
)


@pytest.fixture(scope="module")
def pupil(live_platform: LivePlatform, cast: Cast) -> Person:
    """A pupil of the shop with three questions to answer, and with one."""
    from llmasos.accounts.models import Organisation
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Assignment, Course, Enrolment, Learner, Question

    with live_platform.database():
        organisation_id = organisation_id_by_slug("shop")
        assert organisation_id is not None
        with acting_in(organisation_id):
            owned = {"organisation_id": organisation_id}
            course = Course.objects.create(**owned, name="Physics 9")
            person = found_person(Organisation.objects.get(slug="shop"), "pupil.of.physics@shop.example", "student")
            learner = Learner.objects.create(**owned, person=person, name=person.name)
            Enrolment.objects.create(**owned, course=course, learner=learner)
            for title, questions in (("Heat and motion", QUESTIONS), ("Puddles at dawn", QUESTIONS[:1])):
                assignment = Assignment.objects.create(**owned, course=course, title=title, state="published")
                for position, values in enumerate(questions, start=1):
                    Question.objects.create(**owned, assignment=assignment, position=position, **values)
    return person


def state(page: Page, text: str) -> None:
    expect(page.locator("[data-state-text]")).to_contain_text(text)


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "Object.entries(localStorage).filter(([name]) => name.startsWith('draft.')).flat()"
    )
    return found


def test_nothing_is_lost_between_the_first_word_and_the_receipt(
    new_context: NewContext, pupil: Person, signed_in: SignIn, axe: Axe
) -> None:
    context = new_context()
    page = context.new_page()
    signed_in(page, pupil)
    page.goto("/o/shop/tutor/work/")
    axe(page)
    page.get_by_role("link", name="Heat and motion").click()
    axe(page)
    page.get_by_role("button", name="Begin").click()
    puddle = page.get_by_role("textbox", name="Your answer")
    puddle.fill("The water")
    state(page, "Saved")
    expect(page.locator("[data-words]")).to_have_text("2 words")

    context.set_offline(True)
    puddle.press("Control+End")
    puddle.press_sequentially(" evaporates")
    state(page, "Offline. Not saved yet, kept on this device.")
    axe(page)
    assert len(kept(page)) == 2
    assert "evaporates" not in "".join(kept(page))
    address = page.url
    page.close()

    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    puddle = page.get_by_role("textbox", name="Your answer")
    expect(puddle).to_have_value("The water evaporates")
    state(page, "Saved")
    assert kept(page) == []

    other = context.new_page()
    other.goto(address)
    other.get_by_role("textbox", name="Your answer").fill("From the other window")
    state(other, "Saved")
    puddle.press("Control+End")
    puddle.press_sequentially(", because heat gives it energy.")
    state(page, "also changed elsewhere")
    expect(page.locator("[data-other]").first).to_have_text("From the other window")
    axe(page)
    page.get_by_role("button", name="Put both together").click()
    state(page, "Saved")
    expect(puddle).to_have_value("From the other window\n\nThe water evaporates, because heat gives it energy.")

    page.get_by_label("Number").fill("9.81")
    page.get_by_label("Oxygen").check()
    page.get_by_role("button", name="Look over and hand in").click()
    expect(page.get_by_text("The unit is missing")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Handed in")
    expect(page.locator(".work-receipt code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    expect(page.get_by_text("because heat gives it energy.")).to_be_visible()
    axe(page)
    assert kept(page) == []


def test_what_is_typed_before_the_script_runs_is_saved(
    new_context: NewContext, pupil: Person, signed_in: SignIn
) -> None:
    page = new_context(service_workers="block").new_page()
    signed_in(page, pupil)
    page.goto("/o/shop/tutor/work/")
    page.get_by_role("link", name="Puddles at dawn").click()
    page.get_by_role("button", name="Begin").click()
    state(page, "Nothing written yet.")
    answer = page.get_by_role("textbox", name="Your answer")
    with scripts_held(page, "**/tutor/work/*.js"):
        page.reload(wait_until="commit")
        answer.fill("It evaporates.")
        state(page, "Nothing is saved before you press the button.")
    state(page, "Saved")
    page.reload()
    expect(answer).to_have_value("It evaporates.")


def test_signing_out_takes_unsaved_words_along_and_asks_first(page: Page, pupil: Person, signed_in: SignIn) -> None:
    signed_in(page, pupil)
    page.goto("/")
    page.evaluate("localStorage.setItem('draft.somewhere', 'sealed words')")
    asked: list[str] = []

    def decline(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", decline)
    page.get_by_text(pupil.name).first.click()
    page.get_by_role("button", name="Sign out").click()
    assert kept(page) == ["draft.somewhere", "sealed words"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert kept(page) == []
    assert "could not be saved yet" in asked[0]
