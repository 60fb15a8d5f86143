"""A teacher confirms, overrides, notes, takes a draft and releases; the pupil asks again, and a colleague decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import found_person, organisation_of, scripts_held
from tests.browser.fixtures import Axe, Cast, Looks, NewContext, SignIn
from tests.browser.live import LivePlatform

if TYPE_CHECKING:
    from uuid import UUID

    from llmasos.accounts.models import Organisation, Person
    from tutor.models import Answer, Course

TEXTS = ("The water evaporates. It is warm.", "Heat gives its molecules energy, so it evaporates.", "The sun dries it.")


@dataclass(frozen=True)
class Class:
    teacher: Person
    colleague: Person
    pupil: Person
    course_id: UUID
    assignment_id: UUID
    question_id: UUID
    pair_id: UUID
    marked_answer_id: UUID


@pytest.fixture(scope="module")
def physics(live_platform: LivePlatform, cast: Cast) -> Class:
    """Three pupils of the shop have answered a question for which there are proposals."""
    from django.utils import timezone

    from llmasos.accounts.tenancy import acting_in
    from tutor import models

    with live_platform.database():
        shop = organisation_of("shop")
        owned = {"organisation": shop}
        teacher = found_person(shop, "marker@shop.example", "teacher", name="Tara Teacher")
        colleague = found_person(shop, "colleague@shop.example", "teacher", name="Cole League")
        pupils = [found_person(shop, f"pupil.{one}@shop.example", "student", name=f"Pupil {one}") for one in "abc"]
        with acting_in(shop):
            course = models.Course.objects.create(**owned, name="Physics 9")
            for person in (teacher, colleague):
                models.CourseStaff.objects.create(**owned, course=course, person=person, role="teacher")
            assignment = models.Assignment.objects.create(**owned, course=course, title="Puddles", state="published")
            question = models.Question.objects.create(
                **owned, assignment=assignment, prompt="Why does a puddle vanish on a warm day?", points=Decimal(2)
            )
            levels = [
                {"id": "no", "label": "No", "points": 0, "description": "", "examples": []},
                {"id": "yes", "label": "Yes", "points": 1, "description": "", "examples": []},
            ]
            criteria = {"evaporates": "Says that the water evaporates", "energy": "Says that heat gives energy"}
            rubric = models.RubricVersion.objects.create(
                **owned,
                question=question,
                number=1,
                digest="1" * 64,
                references=["The water evaporates because heat gives its molecules energy."],
                criteria=[{"id": key, "text": text, "weight": 1, "levels": levels} for key, text in criteria.items()],
            )
            question.rubric = rubric
            question.save(update_fields=["rubric"])
            run = models.ProposalRun.objects.create(
                **owned, question=question, rubric=rubric, state="done", applied_at=timezone.now()
            )
            for number, (person, text) in enumerate(zip(pupils, TEXTS, strict=True)):
                learner = models.Learner.objects.create(**owned, person=person, name=person.name)
                models.Enrolment.objects.create(**owned, course=course, learner=learner)
                submission = models.Submission.objects.create(
                    **owned, assignment=assignment, learner=learner, state="submitted", shuffle=number,
                    pseudonym=f"Heron {number}", submitted_at=timezone.now(), digest="2" * 64,
                )  # fmt: skip
                answer = models.Answer.objects.create(
                    **owned,
                    submission=submission,
                    question=question,
                    learner=learner,
                    text=text,
                    digest=str(number) * 64,
                )
                energy = "yes" if "energy" in text else "no"
                models.Proposal.objects.create(
                    **owned, run=run, answer=answer, answer_digest=answer.digest, confidence=0.9 - 0.2 * number,
                    decision="proposed", points=Decimal(2 if energy == "yes" else 1), situation="cold",
                    criteria=[
                        {"criterion": "evaporates", "level": "yes", "points": "1", "confidence": 0.9, "start": 0,
                         "end": 21, "missing": []},
                        {"criterion": "energy", "level": energy, "points": "0", "confidence": 0.8, "start": None,
                         "end": None, "missing": ["energy"]},
                    ],
                )  # fmt: skip
                models.FeedbackDraft.objects.create(
                    **owned, answer=answer, learner=learner, answer_digest=answer.digest,
                    text="Still open: Says that heat gives energy.",
                    sources={"rubric": str(rubric.pk), "levels": {"evaporates": "yes", "energy": "no"}},
                )  # fmt: skip
            first, second = models.Answer.objects.for_organisation(shop).filter(question=question)[:2]
            pair = models.SimilarPair.objects.create(
                **owned, question=question, first=first, second=second, words=2, share=0.4,
                first_spans=[[4, 20]], second_spans=[[41, 56]],
            )  # fmt: skip
            marked = _marked_before(owned, course, teacher)
    return Class(teacher, colleague, pupils[2], course.pk, assignment.pk, question.pk, pair.pk, marked.pk)


def _marked_before(owned: dict[str, Organisation], course: Course, teacher: Person) -> Answer:
    """A second question of which the teacher reviewed every other proposal of fifty; returns the last such answer."""
    from django.utils import timezone

    from tutor import models

    other = models.Assignment.objects.create(**owned, course=course, title="Ice", state="published")
    question = models.Question.objects.create(**owned, assignment=other, prompt="Why does ice float?", points=2)
    rubric = models.RubricVersion.objects.create(
        **owned, question=question, number=1, digest="3" * 64, references=["It is less dense."], criteria=[]
    )
    question.rubric = rubric
    question.save(update_fields=["rubric"])
    run = models.ProposalRun.objects.create(
        **owned, question=question, rubric=rubric, state="done", applied_at=timezone.now()
    )
    for number in range(50):
        learner = models.Learner.objects.create(**owned, name=f"Learner {number}")
        submission = models.Submission.objects.create(
            **owned, assignment=other, learner=learner, state="submitted", shuffle=number, pseudonym=f"Wren {number}"
        )
        answer = models.Answer.objects.create(
            **owned, submission=submission, question=question, learner=learner, text="Less dense.", digest="4" * 64
        )
        proposal = models.Proposal.objects.create(
            **owned, run=run, answer=answer, answer_digest=answer.digest, decision="proposed", points=2,
            confidence=0.6 + number / 1000,
        )  # fmt: skip
        if number % 2:
            models.Mark.objects.create(
                **owned, answer=answer, learner=learner, rubric=rubric, answer_digest=answer.digest, points=2,
                origin="confirmed", marker=teacher, proposal=proposal,
            )  # fmt: skip
    models.Mark.objects.create(
        **owned, answer=answer, learner=learner, rubric=rubric, answer_digest=answer.digest, points=2, kind="final",
        origin="own", marker=teacher,
    )  # fmt: skip
    return answer


def test_from_the_first_key_to_the_decision_on_a_regrade(
    new_context: NewContext, physics: Class, signed_in: SignIn, axe: Axe
) -> None:
    page = new_context().new_page()
    signed_in(page, physics.teacher)
    page.goto("/o/shop/tutor/marking/")
    axe(page)
    page.get_by_role("link", name="Puddles").click()
    axe(page)
    page.goto(page.get_by_role("link", name="Why does a puddle").get_attribute("href") + "?queue=all")  # type: ignore[operator]
    title = page.locator("#answer-title")
    expect(title).to_have_text("Heron 0")
    axe(page)
    page.keyboard.press("Enter")
    expect(title).to_have_text("Heron 1")
    expect(page.locator("[data-progress]")).to_contain_text("1 of 3 marked")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    axe(page)
    page.keyboard.press("2")
    expect(title).to_have_text("Heron 2")
    expect(page.locator("[data-progress]")).to_contain_text("2 of 3 marked")
    page.keyboard.press("u")
    expect(title).to_have_text("Heron 1")
    expect(page.locator("[data-progress]")).to_contain_text("1 of 3 marked")
    page.keyboard.press("Enter")
    expect(title).to_have_text("Heron 2")
    page.keyboard.press("n")
    page.get_by_label("On which words").select_option(label="The sun dries it.")
    page.get_by_label("Note", exact=True).fill("What does it do to the water?")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".answer__text .is-noted")).to_have_text("The sun dries it.")
    page.keyboard.press("d")
    page.keyboard.type(" j is a letter here. Name what leaves the puddle.")
    page.keyboard.press("Escape")
    axe(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-progress]")).to_contain_text("3 of 3 marked")

    page.goto("/o/shop/tutor/marking/")
    page.get_by_role("link", name="Puddles").click()
    page.get_by_role("link", name="Release").click()
    axe(page)
    page.get_by_role("button", name="Release all 3 that are ready").click()
    asked = page.get_by_role("dialog", name="Show 3 results to their learners now?")
    asked.get_by_role("button", name="Release all 3 that are ready").click()
    expect(page.get_by_text("3 learners see their results now.")).to_be_visible()
    axe(page)

    theirs = new_context().new_page()
    signed_in(theirs, physics.pupil)
    theirs.goto("/o/shop/tutor/work/")
    theirs.get_by_role("link", name="Puddles").click()
    theirs.get_by_role("link", name=re.compile("[Rr]esult")).first.click()
    expect(theirs.get_by_text("Name what leaves the puddle.")).to_be_visible()
    expect(theirs.get_by_text("Drafted by the machine (AI)")).to_be_visible()
    expect(theirs.get_by_text("What does it do to the water?")).to_be_visible()
    theirs.get_by_text("Ask to have this looked at again").click()
    theirs.get_by_label("What was overlooked?").fill("The sun is what gives it energy.")
    theirs.get_by_role("button", name="Ask", exact=True).click()

    second = new_context().new_page()
    signed_in(second, physics.colleague)
    second.goto("/o/shop/tutor/marking/regrades/")
    axe(second)
    second.get_by_role("link", name="Heron 2").click()
    axe(second)
    second.get_by_role("group", name="Says that heat gives energy").get_by_role("radio").last.check()
    second.get_by_label("Words to the learner").fill("You named the sun.")
    second.get_by_role("button", name="Change the mark").click()
    expect(second.get_by_text("The mark was changed, and the learner sees it.")).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_text("2 of 2 points").first).to_be_visible()
    expect(theirs.get_by_text("You named the sun.")).to_be_visible()


def test_the_dial_moves_proposals_from_review_to_confirmation(
    new_context: NewContext, physics: Class, signed_in: SignIn, axe: Axe
) -> None:
    page = new_context().new_page()
    signed_in(page, physics.teacher)
    page.goto("/o/shop/tutor/marking/")
    page.get_by_role("link", name="Ice").click()
    expect(page.get_by_role("link", name="25 to review")).to_be_visible()
    page.get_by_role("link", name="Dial").click()
    axe(page)
    page.get_by_role("slider").press("End")
    expect(page.locator("#dial-says")).to_contain_text("25 answers are left to confirm.")
    page.get_by_role("button", name="Set the dial").click()
    expect(page.get_by_text("Set by Tara Teacher")).to_be_visible()
    page.get_by_role("link", name="Ice").click()
    expect(page.get_by_role("link", name="25 to confirm")).to_be_visible()


def test_a_sentence_goes_into_the_bank_and_comes_out_by_its_number(
    new_context: NewContext, physics: Class, signed_in: SignIn, axe: Axe
) -> None:
    page = new_context().new_page()
    signed_in(page, physics.teacher)
    page.goto("/o/shop/tutor/marking/")
    page.get_by_role("link", name="Ice").click()
    page.get_by_role("link", name="Why does ice float?").click()
    page.locator("#feedback").fill("Say what it is denser than.")
    page.get_by_role("button", name="Keep a sentence").click()
    axe(page)
    page.get_by_role("button", name="Keep the comment").click()
    expect(page.get_by_text("The comment is in the bank.")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("#feedback")).to_have_value("")
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Say what it is denser than.")).to_be_visible()
    axe(page)
    page.keyboard.press("1")
    expect(page.locator("#feedback")).to_have_value("Say what it is denser than.")


def test_a_comment_typed_before_the_script_runs_is_kept_with_the_mark(
    new_context: NewContext, physics: Class, signed_in: SignIn
) -> None:
    page = new_context(service_workers="block").new_page()
    signed_in(page, physics.teacher)
    address = f"/o/shop/tutor/marking/answers/{physics.marked_answer_id}/"
    with scripts_held(page, "**/tutor/desk/*.js"):
        page.goto(address, wait_until="commit")
        page.locator("#feedback").fill("Say what it is denser than.")
    expect(page.locator("#desk.has-script")).to_be_visible()
    page.locator("[data-save]").click()
    expect(page.locator("#desk-says")).to_contain_text("Wren 49")
    page.goto(address)
    expect(page.locator("#feedback")).to_have_value("Say what it is denser than.")


def test_what_tells_of_the_marking_can_be_read(
    new_context: NewContext, physics: Class, signed_in: SignIn, looks: Looks
) -> None:
    page = new_context().new_page()
    signed_in(page, physics.colleague)
    for address in (
        f"marking/questions/{physics.question_id}/quality/",
        f"marking/questions/{physics.question_id}/similar/",
        f"marking/similar/{physics.pair_id}/",
        f"marking/questions/{physics.question_id}/tricks/",
        f"marking/questions/{physics.question_id}/comments/",
        f"marking/answers/{physics.marked_answer_id}/final/",
        f"marking/assignments/{physics.assignment_id}/quality/",
        f"marking/assignments/{physics.assignment_id}/fairness/",
        f"courses/{physics.course_id}/fairness/",
    ):
        answer = page.goto(f"/o/shop/tutor/{address}")
        assert answer is not None
        assert (answer.status, page.url.endswith(address)) == (200, True), page.url
        looks(page)
