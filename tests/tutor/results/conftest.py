from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Mark, Release

TEXT = "The water evaporates. It is warm."


@pytest.fixture
def answer(school: School) -> Answer:
    return school.answer(school.pupil, TEXT)


@pytest.fixture
def mark(school: School, answer: Answer) -> Callable[..., Mark]:
    """A mark on the answer, confirming a proposal that found the first criterion in the first sentence."""

    def give(**values: Any) -> Mark:
        from llmasos.accounts.tenancy import acting_in
        from tutor.models import Mark, Proposal, ProposalRun

        assert school.question.rubric is not None
        with acting_in(school.organisation):
            run = ProposalRun.objects.create(
                organisation=school.organisation, question=school.question, rubric=school.question.rubric
            )
            proposal = Proposal.objects.create(
                organisation=school.organisation, run=run, answer=answer, answer_digest=answer.digest,
                decision="proposed", confidence=0.9,
                criteria=[
                    {"criterion": "evaporates", "level": "yes", "points": 1, "start": 0, "end": 21, "missing": []},
                    {"criterion": "energy", "level": "no", "points": 0, "start": 22, "end": 33, "missing": ["energy"]},
                ],
            )  # fmt: skip
            given = {
                "levels": {"evaporates": "yes", "energy": "no"}, "points": Decimal(1), "origin": "confirmed",
                "marker": school.teacher, "feedback": "Say where the energy comes from.", "proposal": proposal,
            }  # fmt: skip
            return Mark.objects.create(
                organisation=school.organisation, answer=answer, learner=school.pupil, rubric=school.question.rubric,
                answer_digest=answer.digest, **{**given, **values},
            )  # fmt: skip

    return give


@pytest.fixture
def release(school: School, answer: Answer) -> Callable[..., Release]:
    def show(*marks: Mark, **values: Any) -> Release:
        from llmasos.accounts.tenancy import acting_in
        from tutor.models import Release

        with acting_in(school.organisation):
            return Release.objects.create(
                organisation=school.organisation, submission_id=answer.submission_id,
                marks=[one.pk for one in marks], **values,
            )  # fmt: skip

    return show
