from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tests.tutor.marking.conftest import give, log

if TYPE_CHECKING:
    from tutor.models import Answer

__all__ = ["give", "log"]


@pytest.fixture
def proposed(school: School) -> Callable[..., list[Answer]]:
    """Answers of new pupils, each with a proposal of half the points; `sure` are the confidences."""

    def made(*sure: float) -> list[Answer]:
        from tutor.models import Learner, Proposal, ProposalRun

        owned = {"organisation": school.organisation}
        answers = []
        with acting_in(school.organisation):
            assert school.question.rubric is not None
            run = ProposalRun.objects.create(
                **owned, question=school.question, rubric=school.question.rubric, state="done",
                applied_at=timezone.now(), model_digest="m" * 64,
            )  # fmt: skip
            learners = [Learner.objects.create(**owned, name=f"Pupil {number}") for number in range(len(sure))]
        for learner, confidence in zip(learners, sure, strict=True):
            answer = school.answer(learner, "The water evaporates. It is warm.")
            with acting_in(school.organisation):
                Proposal.objects.create(
                    **owned, run=run, answer=answer, answer_digest=answer.digest, decision="proposed",
                    confidence=confidence, points=Decimal(1),
                    criteria=[{"criterion": "evaporates", "level": "yes", "points": "1"},
                              {"criterion": "energy", "level": "no", "points": "0"}],
                )  # fmt: skip
            answers.append(answer)
        return answers

    return made
