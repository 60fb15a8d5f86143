from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Mark, ProposalRun

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]


def bag_of_words(_principal: Any, texts: Sequence[str], **_options: Any) -> Any:
    """Vectors in which texts that share words are near each other, as the embedding model's are."""
    import numpy as np

    def vector(word: str) -> Any:
        chance = random.Random(hashlib.sha256(word.encode()).digest())
        return np.array([chance.gauss(0, 1) for _ in range(384)])

    rows = np.stack([sum((vector(word) for word in text.lower().split()), np.zeros(384) + 1e-6) for text in texts])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return SimpleNamespace(vectors=rows.astype("float32"), model_digest="e" * 64)


@pytest.fixture(autouse=True)
def models_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    from llmasos.inference import services

    monkeypatch.setattr(services, "embed", bag_of_words)


def ask(school: School) -> ProposalRun:
    from tutor.marking.services import request_proposals

    return request_proposals(school.principal(school.teacher), school.question.pk)


def work(run: ProposalRun) -> ProposalRun:
    from tutor.marking import running

    running.work(run.organisation_id, run.pk)
    with acting_in(run.organisation_id):
        run.refresh_from_db()
    return run


def test_a_run_proposes_for_every_answer_that_counts(school: School, answer: Answer) -> None:
    from tutor.models import Proposal

    school.answer(school.other_pupil, "First try.")
    latest = school.answer(school.other_pupil, "   ", attempt=2)
    run = work(ask(school))
    assert (run.state, run.total, run.done) == ("done", 2, 2)
    with acting_in(school.organisation):
        found = {one.answer_id: one for one in Proposal.objects.for_organisation(school.id).filter(run=run)}
    assert set(found) == {answer.pk, latest.pk}
    assert (found[latest.pk].points, found[latest.pk].reason) == (0, "blank")


def test_the_first_run_shows_itself_and_a_later_one_waits(school: School, answer: Answer) -> None:
    from tutor.marking.services import apply_run
    from tutor.marking.shown import applied_run

    first, later = work(ask(school)), work(ask(school))
    assert (first.applied_at is not None, later.applied_at) == (True, None)
    apply_run(school.principal(school.teacher), later.pk)
    with acting_in(school.organisation):
        shown = applied_run(school.question)
    assert shown is not None
    assert shown.pk == later.pk


def test_a_run_taken_up_again_proposes_once_for_each_answer(
    school: School, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.marking import running
    from tutor.models import Proposal

    school.answer(school.other_pupil, "It dries.")
    monkeypatch.setattr(running, "BATCH", 1)
    run, made = ask(school), []

    def dies(*arguments: Any) -> None:
        made.append(arguments)
        if len(made) == 2:
            raise SystemExit

    monkeypatch.setattr(running, "_record_proposal", dies)
    with pytest.raises(SystemExit):
        running.work(school.id, run.pk)
    monkeypatch.undo()
    with acting_in(school.organisation):
        run.refresh_from_db()
        assert (run.state, Proposal.objects.for_organisation(school.id).count()) == ("running", 1)
        type(run).objects.for_organisation(school.id).update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    monkeypatch.setattr("llmasos.inference.services.embed", bag_of_words)
    assert running.take_up_lost(school.id, lost_after=timedelta(minutes=2)) == 1
    assert work(run).state == "done"
    with acting_in(school.organisation):
        assert Proposal.objects.for_organisation(school.id).count() == 2


def test_without_the_model_service_a_run_waits(school: School, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmasos.inference import services
    from llmasos.inference.errors import ModelUnavailable

    def away(*_arguments: Any, **_options: Any) -> None:
        raise ModelUnavailable("away")

    monkeypatch.setattr(services, "embed", away)
    run = work(ask(school))
    assert (run.state, run.error_code) == ("queued", "model_away")


def test_three_marks_make_the_engine_look_again(
    school: School, answer: Answer, give: Give, propose: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from tutor.models import ProposalRun

    propose(answer)
    texts = ("It evaporates.", "Heat gives energy.", "It dries.")
    for number, text in enumerate(texts, 1):
        give(school.answer(school.other_pupil, text, attempt=number))
        with acting_in(school.organisation):
            reasons = list(ProposalRun.objects.for_organisation(school.id).values_list("reason", flat=True))
        assert ("marks" in reasons) == (number == len(texts))


def test_a_question_without_a_rubric_has_nothing_to_propose_by(school: School) -> None:
    from tutor.marking.errors import NoRubricError

    with acting_in(school.organisation):
        type(school.question).objects.for_organisation(school.id).update(rubric=None)
    with pytest.raises(NoRubricError):
        ask(school)


def test_the_log_of_a_proposal_names_model_rubric_and_features(school: School, answer: Answer, log: Any) -> None:
    run = work(ask(school))
    written = log("tutor.proposed")[0].digests
    assert (written["model"], written["rubric"]) == (run.model_digest, "1" * 64)
    assert len(written["features"]) == 64


def test_a_neighbour_is_shown_with_the_points_of_its_whole_mark(school: School, answer: Answer, give: Give) -> None:
    from tutor.models import Enrolment, Learner, Proposal

    for number in range(1, 4):
        with acting_in(school.organisation):
            learner = Learner.objects.create(organisation=school.organisation, name=f"Pupil {number}")
            Enrolment.objects.create(organisation=school.organisation, course=school.course, learner=learner)
        give(school.answer(learner, f"The water evaporates. It is warm in {number} places."))
    run = work(ask(school))
    with acting_in(school.organisation):
        found = Proposal.objects.for_organisation(school.id).get(run=run, answer=answer)
    assert {one["points"] for one in found.neighbours} == {"1.00"}
