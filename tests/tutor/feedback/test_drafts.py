from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tests.tutor.marking.conftest import HALF, RIGHT

if TYPE_CHECKING:
    from tutor.models import Answer, FeedbackDraft, Mark, MarkingJob

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
OPEN = "Still open: Says that heat gives molecules energy."
BACKEND = "django.contrib.auth.backends.ModelBackend"


def words(text: str) -> Callable[..., Any]:
    return lambda *_arguments, **_options: SimpleNamespace(text=text, model_digest="w" * 64)


def repeats(_principal: Any, request: Any) -> Any:
    """A model that says every statement, and something of its own."""
    told = re.findall(r"<statement[^>]*>(.*?)</statement>", request.messages[-1].content)
    return SimpleNamespace(text=" ".join([*told, "You are a genius."]), model_digest="w" * 64)


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    from llmasos.inference import services

    monkeypatch.setattr(services, "chat", words("You are a genius."))


def drafted(school: School) -> MarkingJob:
    from tutor.feedback.drafting import request_drafts
    from tutor.marking import jobs

    job = request_drafts(school.principal(school.teacher), school.question.pk)
    jobs.work(school.id, job.pk)
    with acting_in(school.organisation):
        job.refresh_from_db()
    return job


def drafts(school: School) -> dict[Any, FeedbackDraft]:
    from tutor.models import FeedbackDraft

    with acting_in(school.organisation):
        found = {one.answer_id: one for one in FeedbackDraft.objects.for_organisation(school.id)}
        for one in found.values():
            assert one.text
        return found


def test_a_proposed_answer_gets_a_draft_on_what_it_lacks(
    school: School, answer: Answer, propose: Any, log: Any
) -> None:
    propose(answer)
    job = drafted(school)
    draft = drafts(school)[answer.pk]
    assert (job.state, job.done, job.total) == ("done", 1, 1)
    assert draft.text.startswith(OPEN)
    assert draft.sources["levels"] == HALF
    entry = log("tutor.feedback_drafted")[0]
    assert (entry.subject_id, OPEN in str(entry.digests)) == (school.pupil.pk, False)


def test_the_mark_that_counts_comes_before_the_proposal(
    school: School, answer: Answer, propose: Any, give: Give
) -> None:
    propose(answer)
    give(answer, levels=RIGHT, override_reason="too_low")
    drafted(school)
    assert "Still open" not in drafts(school)[answer.pk].text


def test_supported_words_of_the_model_take_the_place_of_the_statements(
    school: School, answer: Answer, propose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.inference import services

    monkeypatch.setattr(services, "chat", repeats)
    propose(answer)
    drafted(school)
    draft = drafts(school)[answer.pk]
    assert draft.text.startswith(OPEN)
    assert ("genius" in draft.text, draft.sources["model"]) == (False, "w" * 64)


def test_taken_up_again_no_model_is_asked_twice_and_progress_never_falls(
    school: School, answer: Answer, propose: Any, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.inference import services
    from tutor.feedback.queries import wording_of
    from tutor.marking import jobs
    from tutor.models import MarkingJob

    asked: list[Any] = []

    def lost(*arguments: Any) -> Any:
        asked.append(arguments)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return SimpleNamespace(text="You are a genius.", model_digest="w" * 64)

    monkeypatch.setattr(services, "chat", lost)
    propose(answer)
    give(school.answer(school.other_pupil, "It dries."), levels=HALF)
    with pytest.raises(KeyboardInterrupt):
        drafted(school)
    with acting_in(school.organisation):
        job = MarkingJob.objects.for_organisation(school.id).get()
        assert job.done == 1
        MarkingJob.objects.for_organisation(school.id).update(state="queued", done=2)
    jobs.work(school.id, job.pk)
    with acting_in(school.organisation):
        job.refresh_from_db()
        found = wording_of(school.question)
    assert (job.state, job.done, len(asked)) == ("done", 2, 3)
    assert (found.asked, found.worded) == (2, 0)


def test_without_a_model_the_statements_stay(
    school: School, answer: Answer, propose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.inference import services
    from llmasos.inference.errors import ModelUnavailable

    def away(*_arguments: Any) -> None:
        raise ModelUnavailable("away")

    monkeypatch.setattr(services, "chat", away)
    propose(answer)
    assert drafted(school).state == "done"
    assert OPEN in drafts(school)[answer.pk].text


def test_a_model_that_is_late_once_is_asked_for_the_others(
    school: School, answer: Answer, propose: Any, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.inference import services
    from llmasos.inference.errors import ModelUnavailable

    late = iter([ModelUnavailable("late")])

    def late_once(*arguments: Any) -> Any:
        for error in late:
            raise error
        return repeats(*arguments)

    monkeypatch.setattr(services, "chat", late_once)
    propose(answer)
    give(school.answer(school.other_pupil, "It dries."), levels=HALF)
    drafted(school)
    assert sorted(one.sources["model"] for one in drafts(school).values()) == ["", "w" * 64]


def test_a_model_whose_words_never_pass_is_not_asked_for_the_whole_class(
    school: School, answer: Answer, propose: Any, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.feedback import drafting
    from tutor.feedback.queries import wording_of

    monkeypatch.setattr(drafting, "FRUITLESS", 1)
    propose(answer)
    give(school.answer(school.other_pupil, "It dries."), levels=HALF)
    assert drafted(school).state == "done"
    with acting_in(school.organisation):
        assert (len(drafts(school)), wording_of(school.question).asked) == (2, 1)


def test_drafting_can_be_stopped_and_what_was_drafted_stays(
    school: School, answer: Answer, propose: Any, client: Client, monkeypatch: pytest.MonkeyPatch, log: Any
) -> None:
    from llmasos.inference import services

    def stopped(*_arguments: Any) -> Any:
        client.force_login(school.teacher, backend=BACKEND)
        client.post(f"/o/shop/tutor/marking/questions/{school.question.pk}/drafts/stop/")
        return SimpleNamespace(text=OPEN, model_digest="w" * 64)

    monkeypatch.setattr(services, "chat", stopped)
    propose(answer)
    job = drafted(school)
    assert (job.state, job.error_code, job.done) == ("failed", "stopped", 0)
    assert drafts(school)[answer.pk].sources["model"] == ""
    assert len(log("tutor.drafts_stopped")) == 1
    page = client.get(f"/o/shop/tutor/marking/assignments/{school.assignment.pk}/").content.decode()
    assert "Drafting was stopped at 0 of 1" in page


def test_an_answer_with_words_of_a_marker_gets_none(school: School, answer: Answer, give: Give) -> None:
    give(answer, feedback="Which water?")
    drafted(school)
    assert drafts(school) == {}


def test_a_draft_quotes_what_markers_keep_for_a_criterion(school: School, answer: Answer, propose: Any) -> None:
    from tutor.feedback.bank import keep_comment

    teacher = school.principal(school.teacher)
    kept = keep_comment(teacher, school.question.pk, text="Say where the energy comes from.", criterion="energy")
    propose(answer)
    drafted(school)
    draft = drafts(school)[answer.pk]
    assert "Say where the energy comes from." in draft.text
    assert draft.sources["comments"] == [str(kept.pk)]


def test_a_second_marker_asks_for_none(school: School) -> None:
    from tutor.feedback.drafting import request_drafts

    with pytest.raises(PermissionDenied):
        request_drafts(school.principal(school.second_teacher), school.question.pk)


@pytest.mark.parametrize("flag", [True, False], ids=["taken", "copied"])
def test_the_learner_is_told_that_kept_feedback_was_drafted(
    school: School, answer: Answer, propose: Any, give: Give, flag: bool
) -> None:
    from tutor.marking.services import release
    from tutor.results.queries import results_of

    propose(answer)
    drafted(school)
    give(answer, feedback=f"{OPEN} Think of the sun.", feedback_drafted=flag)
    assert drafts(school) == {}
    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])
    with acting_in(school.organisation):
        row = results_of(school.principal(school.pupil_person), answer.submission_id).rows[0]
    assert "Drafted by the machine (AI)" in row.feedback_origin


def test_own_words_are_not_called_drafted(school: School, answer: Answer, propose: Any, give: Give) -> None:
    propose(answer)
    drafted(school)
    assert not give(answer, feedback="Think of the sun.").feedback_drafted


def test_the_desk_shows_a_draft_as_the_machines(school: School, answer: Answer, propose: Any, client: Client) -> None:
    propose(answer)
    drafted(school)
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"/o/shop/tutor/marking/answers/{answer.pk}/").content.decode()
    assert "Drafted by the machine" in page
    assert 'data-levels="energy=no;evaporates=yes;"' in page
    assert f">{OPEN}" not in page[page.index('<textarea id="feedback"') : page.index("data-draft ")]


def test_a_draft_on_another_rubric_is_not_shown(school: School, answer: Answer, propose: Any) -> None:
    from tutor.marking.queries import answer_view
    from tutor.models import RubricVersion

    propose(answer)
    drafted(school)
    with acting_in(school.organisation):
        teacher = school.principal(school.teacher)
        assert answer_view(teacher, answer.pk).draft is not None
        rubric = RubricVersion.objects.create(
            organisation=school.organisation, question=school.question, number=2, digest="2" * 64, criteria=[]
        )
        type(school.question).objects.for_organisation(school.id).update(rubric=rubric)
        assert answer_view(teacher, answer.pk).draft is None


def test_drafts_are_asked_for_from_the_assignment(school: School, answer: Answer, client: Client) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    page = client.post(f"/o/shop/tutor/marking/questions/{school.question.pk}/drafts/", follow=True).content.decode()
    assert "Drafts of feedback wait for their turn" in page
