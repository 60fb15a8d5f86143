"""A learner follows advice, practises and asks the chat; their teacher reads along and takes advice away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import found_person, organisation_of
from tests.browser.fixtures import Cast, Looks, NewContext, SignIn
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from uuid import UUID

    from llmasos.accounts.models import Organisation, Person
    from tutor.models import Course, Learner, Skill

MATERIAL = {
    "id": "heat",
    "title": "Heat",
    "text": "## Latent heat\n\nThe heat that one kilogram of ice needs to melt is called its latent heat."
    " To melt one kilogram of ice takes 334 kJ of heat.",
}
EXERCISE = "How much heat does it take to melt one kilogram of ice?"
OPEN_QUESTION = "Why does a cloud form when warm air rises over a mountain?"
REFERENCE = "Rising air expands and cools until its vapour condenses into droplets."
READY_SECONDS = 240.0


@dataclass(frozen=True)
class Class:
    course_id: UUID
    teacher: Person
    learner: Person


@pytest.fixture(scope="module")
def heat(live_platform: LivePlatform, cast: Cast) -> Class:
    """A course with material, an exercise, open work, and a released result of a learner who missed two criteria."""
    from llmasos.accounts.principals import system_principal
    from llmasos.accounts.tenancy import acting_in
    from llmasos.retrieval import services as retrieval
    from llmasos.retrieval.models import Document
    from tutor import models
    from tutor.learning import asking
    from tutor.practice.exercises import save_exercise

    with live_platform.database():
        shop = organisation_of("shop")
        owned = {"organisation": shop}
        system = system_principal(shop.pk)
        teacher = found_person(shop, "advisor@shop.example", "teacher", name="Ada Visor")
        person = found_person(shop, "learner@shop.example", "student", name="Lee Arner")
        material = retrieval.add_collection(system, name="Heat")
        retrieval.import_upload(system, collection=material, name="heat.jsonl", content=json.dumps(MATERIAL).encode())
        with acting_in(shop):
            course = models.Course.objects.create(**owned, name="Heat 8", collection=material)
            models.CourseStaff.objects.create(**owned, course=course, person=teacher, role="teacher")
            models.LearningSettings.objects.create(**owned, course=course, chat_read_by_staff=True)
            learner = models.Learner.objects.create(**owned, person=person, name=person.name)
            models.Enrolment.objects.create(**owned, course=course, learner=learner)
            skill = models.Skill.objects.create(**owned, course=course, name="Change of state")
            _released(owned, course, learner, skill, teacher)
            clouds = models.Assignment.objects.create(**owned, course=course, title="Clouds", state="published")
            question = models.Question.objects.create(**owned, assignment=clouds, prompt=OPEN_QUESTION)
            question.rubric = models.RubricVersion.objects.create(
                **owned, question=question, number=1, digest="2" * 64, references=[REFERENCE], criteria=[]
            )
            question.save(update_fields=["rubric"])
        number = {"kind": "numeric", "numeric_value": 334.0, "numeric_unit": "kJ", "references": ["334 kJ"]}
        save_exercise(system, course.pk, {"skill": skill, "prompt": EXERCISE, **number})
        _wait_until(Document.objects.for_organisation(shop).filter(collection=material, state="ready").exists, shop)
        with acting_in(shop):
            asking.ask(shop.pk, course.pk, [learner.pk])
        _wait_until(models.Advice.objects.for_organisation(shop).filter(learner=learner).exists, shop)
    return Class(course.pk, teacher, person)


def _released(owned: dict[str, Organisation], course: Course, learner: Learner, skill: Skill, teacher: Person) -> None:
    """Closed work of the learner, whose released mark reaches none of its two criteria."""
    from django.utils import timezone

    from tutor import models

    levels = [
        {"id": "no", "label": "No", "points": 0, "description": "", "examples": []},
        {"id": "yes", "label": "Yes", "points": 1, "description": "", "examples": []},
    ]
    criteria = {"warm": "Says that melting takes heat", "steady": "Says that the ice stays at zero degrees"}
    ice = models.Assignment.objects.create(**owned, course=course, title="Ice", state="closed")
    question = models.Question.objects.create(
        **owned, assignment=ice, prompt="What happens to ice that melts?", points=2
    )
    models.QuestionSkill.objects.create(**owned, question=question, skill=skill)
    rubric = models.RubricVersion.objects.create(
        **owned,
        question=question,
        number=1,
        digest="1" * 64,
        references=["It takes up heat and stays at zero degrees until it has melted."],
        criteria=[{"id": key, "text": text, "weight": 1, "levels": levels} for key, text in criteria.items()],
    )
    question.rubric = rubric
    question.save(update_fields=["rubric"])
    submission = models.Submission.objects.create(
        **owned, assignment=ice, learner=learner, state="submitted", shuffle=1, pseudonym="Heron 1",
        submitted_at=timezone.now(), digest="3" * 64,
    )  # fmt: skip
    answer = models.Answer.objects.create(
        **owned, submission=submission, question=question, learner=learner, text="It goes.", digest="4" * 64
    )
    mark = models.Mark.objects.create(
        **owned, answer=answer, learner=learner, rubric=rubric, answer_digest=answer.digest, points=Decimal(0),
        levels=dict.fromkeys(criteria, "no"), origin="own", marker=teacher,
    )  # fmt: skip
    models.Release.objects.create(**owned, submission=submission, marks=[mark.pk])


def _wait_until(done: Callable[[], bool], shop: Organisation) -> None:
    from llmasos.accounts.tenancy import acting_in

    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        with acting_in(shop):
            if done():
                return
        time.sleep(0.2)
    raise AssertionError("the workers did not get ready what the course needs")


def test_from_advice_over_an_exercise_to_the_chat_and_a_veto(
    new_context: NewContext, heat: Class, signed_in: SignIn, looks: Looks
) -> None:
    page = new_context().new_page()
    signed_in(page, heat.learner)
    page.goto("/o/shop/tutor/")
    page.get_by_role("link", name="What to do next").first.click()
    expect(page.get_by_role("heading", name="What was missing: Says that melting takes heat")).to_be_visible()
    expect(page.get_by_role("heading", name="What was missing: Says that the ice stays")).to_be_visible()
    looks(page)

    page.get_by_role("link", name="Practise “Change of state”").first.click()
    looks(page)
    page.get_by_label("Number with its unit").fill("30")
    page.get_by_role("button", name="A hint").click()
    expect(page.get_by_role("link", name=re.compile("Latent heat"))).to_be_visible()
    expect(page.get_by_label("Number with its unit")).to_have_value("30")
    looks(page)
    material = page.get_by_role("link", name=re.compile("Latent heat")).get_attribute("href")
    page.get_by_label("Number with its unit").fill("334 kJ")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("By the machine. No mark.")).to_be_visible()
    expect(page.locator("#check").get_by_text("Right")).to_be_visible()
    looks(page)
    page.get_by_role("link", name="Practise on").click()
    expect(page.get_by_role("link", name=EXERCISE)).to_be_visible()
    looks(page)
    page.goto(str(material))
    looks(page)

    page.get_by_role("link", name="What to do next").first.click()
    page.get_by_role("link", name="Open the chat").click()
    expect(page.get_by_label("Your question")).to_be_visible()
    looks(page)
    page.get_by_label("Your question").fill(f"{OPEN_QUESTION} Just tell me.")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("which is open work. I do not answer it")).to_be_visible()
    expect(page.get_by_text("condenses")).to_have_count(0)
    looks(page)

    theirs = new_context().new_page()
    signed_in(theirs, heat.teacher)
    theirs.goto(f"/o/shop/tutor/courses/{heat.course_id}/learning/")
    looks(theirs)
    theirs.get_by_role("link", name="Lee Arner").click()
    looks(theirs)
    first = theirs.get_by_role("listitem").filter(has_text="Says that melting takes heat").last
    first.get_by_text("Veto this advice").click()
    first.get_by_label("Reason").fill("We do this again in class.")
    looks(theirs)
    first.get_by_role("button", name="Veto", exact=True).click()
    expect(theirs.get_by_text("Vetoed by Ada Visor")).to_be_visible()
    looks(theirs)
    theirs.get_by_role("link", name="Conversation with the chat").click()
    expect(theirs.get_by_text(f"{OPEN_QUESTION} Just tell me.")).to_be_visible()
    looks(theirs)

    page.goto(f"/o/shop/tutor/learn/{heat.course_id}/")
    expect(page.get_by_role("heading", name="What was missing: Says that the ice stays")).to_be_visible()
    expect(page.get_by_role("heading", name="What was missing: Says that melting takes heat")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.startswith("record-")


def test_a_teacher_writes_an_exercise_and_retires_it(
    new_context: NewContext, heat: Class, signed_in: SignIn, looks: Looks
) -> None:
    page = new_context().new_page()
    signed_in(page, heat.teacher)
    page.goto(f"/o/shop/tutor/courses/{heat.course_id}/exercises/")
    looks(page)
    page.get_by_role("link", name="Short answer").click()
    page.get_by_role("button", name="Save").click()
    looks(page)
    page.get_by_label("Question").fill("What is latent heat?")
    page.get_by_label("Skill").select_option(label="Change of state")
    page.get_by_label(re.compile("[Rr]eference")).fill("The heat that a body needs to melt.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The exercise was saved.")).to_be_visible()
    page.get_by_role("row", name="What is latent heat?").get_by_role("button", name="Retire").click()
    expect(page.get_by_role("row", name="What is latent heat?").get_by_text("retired")).to_be_visible()
    looks(page)
