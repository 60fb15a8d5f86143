"""A pupil without an e-mail address: from the teacher's printed card to a written answer."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.fixtures import Axe, Cast, NewContext, SignIn
from tests.browser.live import LivePlatform


def test_a_pupil_writes_an_answer_with_nothing_but_a_card(
    live_platform: LivePlatform, new_context: NewContext, cast: Cast, signed_in: SignIn, axe: Axe
) -> None:
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Assignment, Course, CourseStaff, Question

    teacher = cast["teacher"]
    with live_platform.database():
        organisation_id = organisation_id_by_slug("shop")
        assert organisation_id is not None
        owned = {"organisation_id": organisation_id}
        with acting_in(organisation_id):
            course = Course.objects.create(**owned, name="Gardening 4")
            CourseStaff.objects.create(**owned, course=course, person=teacher, role="teacher")
            assignment = Assignment.objects.create(**owned, course=course, title="Seeds", state="published")
            Question.objects.create(**owned, assignment=assignment, prompt="What does a seed need?")

    page = new_context().new_page()
    signed_in(page, teacher)
    page.goto(f"/o/shop/tutor/courses/{course.pk}/learners/")
    page.get_by_role("button", name="Make a code").click()
    page.get_by_label("Name", exact=True).fill("Mia Green")
    page.get_by_label("Student number").fill("G-17")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Make cards for those who have none").click()
    expect(page.get_by_role("heading", name="Mia Green")).to_be_visible(timeout=240_000)
    axe(page)
    code, number, pin = page.locator(".card__secret").all_inner_texts()
    assert re.fullmatch("[0-9]{6}", pin)

    own = new_context(viewport={"width": 360, "height": 740}).new_page()
    own.goto("/join/")
    axe(own)
    own.get_by_label("Class code").fill(code.lower())
    own.get_by_label("Number").fill(number)
    own.get_by_label("PIN").fill("000000" if pin != "000000" else "111111")
    own.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(own.get_by_role("alert")).to_contain_text("do not belong together")
    axe(own)
    own.get_by_label("PIN").fill(pin)
    own.get_by_role("main").get_by_role("button", name="Sign in").click()
    own.get_by_role("link", name="Seeds").click()
    own.get_by_role("button", name="Begin").click()
    own.get_by_role("textbox", name="Your answer").fill("Water and warmth")
    expect(own.locator("[data-state-text]")).to_contain_text("Saved")
