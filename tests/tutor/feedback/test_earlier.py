from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from llmasos.answering.words import content_forms
from tests.tutor.conftest import School
from tests.tutor.feedback.test_drafts import BACKEND, drafted, drafts, repeats, words
from tests.tutor.marking.conftest import RIGHT
from tests.tutor.marking.test_runs import bag_of_words
from tutor.feedback.earlier import holds

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
SAID = "Say where the energy comes from."


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    from llmasos.inference import services

    monkeypatch.setattr(services, "chat", words("You are a genius."))
    monkeypatch.setattr(services, "embed", bag_of_words)


@pytest.fixture
def other(school: School, answer: Answer, propose: Any) -> Answer:
    """An answer like the one that a draft is made for."""
    propose(answer)
    return school.answer(school.other_pupil, "The water evaporates. It is hot.")


def test_a_draft_says_again_what_the_teacher_wrote_on_an_answer_like_it(
    school: School, answer: Answer, other: Answer, give: Give, log: Any
) -> None:
    mark = give(other, feedback=f"Well done. {SAID}")
    drafted(school)
    draft = drafts(school)[answer.pk]
    assert SAID in draft.text
    assert "Well done" not in draft.text
    assert draft.earlier_id == mark.pk
    entry = log("tutor.feedback_drafted")[0]
    assert (entry.digests["earlier"], SAID in str(entry.digests)) == (str(mark.pk), False)


def test_the_models_words_stand_on_it_too(
    school: School, answer: Answer, other: Answer, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.inference import services

    monkeypatch.setattr(services, "chat", repeats)
    give(other, feedback=SAID)
    drafted(school)
    draft = drafts(school)[answer.pk]
    assert (SAID in draft.text, bool(draft.sources["model"])) == (True, True)


def test_what_the_bank_holds_too_is_said_once(school: School, answer: Answer, other: Answer, give: Give) -> None:
    from tutor.feedback.bank import keep_comment

    give(other, feedback=SAID)
    keep_comment(school.principal(school.teacher), school.question.pk, text=SAID, criterion="energy")
    drafted(school)
    assert drafts(school)[answer.pk].text.count(SAID) == 1


@pytest.mark.parametrize(
    "values",
    [{"levels": RIGHT, "override_reason": "too_low"}, {"feedback_drafted": True}],
    ids=["other levels", "drafted by the machine"],
)
def test_words_for_other_levels_and_words_of_a_draft_are_not_said_again(
    school: School, answer: Answer, other: Answer, give: Give, values: dict[str, Any]
) -> None:
    give(other, feedback=SAID, **values)
    drafted(school)
    assert drafts(school)[answer.pk].earlier_id is None


@pytest.mark.parametrize(
    "said",
    [
        "Jo, say where the energy comes from.",
        "Say where the energy comes from, Heron.",
        "Say where the energy comes from, zelie!",
        "Call 0171 2345678 about the energy.",
    ],
)
def test_nothing_that_says_who_somebody_is_leaves_their_answer(
    school: School, answer: Answer, other: Answer, give: Give, said: str
) -> None:
    with acting_in(school.organisation):
        for learner, name in ((school.other_pupil, "Jo Ngata"), (school.pupil, "Zélie Wu")):
            learner.name = name
            learner.save()
    give(other, feedback=said)
    drafted(school)
    assert drafts(school)[answer.pk].earlier_id is None


def test_those_of_who_asks_come_before_those_of_other_markers(
    school: School, answer: Answer, other: Answer, give: Give
) -> None:
    from tutor.models import CourseStaff

    with acting_in(school.organisation):
        staff = CourseStaff.objects.for_organisation(school.id)
        staff.filter(person=school.second_teacher).update(role="assistant")
    give(school.answer(school.other_pupil, answer.text, attempt=2), by=school.second_teacher, feedback="Name energy.")
    drafted(school)
    assert "Name energy." in drafts(school)[answer.pk].text
    third = school.answer(_enrolled(school), "The water evaporates when it is warm.")
    give(third, feedback=SAID)
    drafted(school)
    assert SAID in drafts(school)[answer.pk].text


def test_what_was_said_in_another_course_stays_there(school: School, answer: Answer, propose: Any, give: Give) -> None:
    from tutor import models

    owned = {"organisation": school.organisation}
    with acting_in(school.organisation):
        course = models.Course.objects.create(**owned, name="Physics 10")
        models.CourseStaff.objects.create(**owned, course=course, person=school.teacher, role="teacher")
        assignment = models.Assignment.objects.create(**owned, course=course, title="Heat", state="published")
        copy = models.Question.objects.for_organisation(school.id).select_related("rubric").get(pk=school.question.pk)
        copy.pk, copy.assignment = None, assignment
        copy.save(force_insert=True)
        submission = models.Submission.objects.create(
            **owned, assignment=assignment, learner=school.other_pupil, state="submitted", pseudonym="Owl", shuffle=1
        )
        elsewhere = models.Answer.objects.create(
            **owned, submission=submission, question=copy, learner=school.other_pupil, text=answer.text, digest="a" * 64
        )
    propose(answer)
    give(elsewhere, feedback=SAID)
    drafted(school)
    assert drafts(school)[answer.pk].earlier_id is None


def test_an_erasure_takes_the_drafts_with_it_and_nothing_is_said_again(
    school: School, answer: Answer, other: Answer, give: Give
) -> None:
    from llmasos.audit.types import Ref
    from llmasos.privacy.registry import stores

    give(other, feedback=SAID)
    drafted(school)
    with acting_in(school.organisation):
        stores()["tutor.work"].erase(school.id, Ref("learner", school.other_pupil.pk))
    assert drafts(school) == {}
    drafted(school)
    assert SAID not in drafts(school)[answer.pk].text


def test_an_erasure_while_the_model_writes_is_heeded(
    school: School, answer: Answer, other: Answer, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.audit.types import Ref
    from llmasos.inference import services
    from llmasos.privacy.registry import stores

    def erased(*arguments: Any) -> Any:
        with acting_in(school.organisation):
            stores()["tutor.work"].erase(school.id, Ref("learner", school.other_pupil.pk))
        return repeats(*arguments)

    monkeypatch.setattr(services, "chat", erased)
    give(other, feedback=SAID)
    drafted(school)
    assert drafts(school) == {}


def test_the_desk_says_where_the_words_are_from_until_they_are_taken_back(
    school: School, answer: Answer, other: Answer, give: Give, client: Client
) -> None:
    from tutor.marking.services import withdraw_mark

    mark = give(other, feedback=SAID)
    drafted(school)
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"/o/shop/tutor/marking/answers/{answer.pk}/").content.decode()
    assert f"<q>{SAID}</q>" in page
    assert f'<a href="/o/shop/tutor/marking/answers/{other.pk}/">' in page
    assert "your words on an answer that is" in page
    withdraw_mark(school.principal(school.teacher), mark.pk)
    assert "data-draft " not in client.get(f"/o/shop/tutor/marking/answers/{answer.pk}/").content.decode()


def _enrolled(school: School) -> Any:
    from tutor.models import Enrolment, Learner

    with acting_in(school.organisation):
        learner = Learner.objects.create(organisation=school.organisation, name="Third Pupil")
        Enrolment.objects.create(organisation=school.organisation, course=school.course, learner=learner)
    return learner


SUBJECT = frozenset(
    content_forms("Heat gives the molecules of the water the energy to leave the surface: it evaporates.")
)
HERE = "The water evaporates in the sun."
THERE = "The water boils and evaporates."


@pytest.mark.parametrize(
    ("said", "true"),
    [
        (SAID, True),
        ("You say that the water evaporates, but not what gives its molecules the energy.", True),
        ("You say that the water boils, but it evaporates.", False),
        ("You do not mention the sun, which gives the energy.", False),
        ("You call it “water”.", True),
        ("You write “water boils”: name the energy.", False),
        ("Your work on energy is careless.", False),
        ("You missed the energy because you were ill.", False),
        ("Heat it to 100 degrees to give it energy.", False),
        ("Ask Anna about the energy.", False),
        ("See you on Monday!", False),
        ("Nice weather.", False),
    ],
)
def test_only_what_is_true_of_both_answers_is_said_of_the_other(said: str, true: bool) -> None:
    assert holds(said, HERE, THERE, SUBJECT, SUBJECT, checked=True) == true


def test_in_a_language_whose_words_are_not_known_every_word_has_to_be_the_questions() -> None:
    assert not holds("Du hast bei energy geraten.", HERE, HERE, SUBJECT, SUBJECT, checked=False)
