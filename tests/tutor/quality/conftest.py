from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.tutor.conftest import School
from tests.tutor.marking.conftest import log

if TYPE_CHECKING:
    from tutor.models import Answer

__all__ = ["log"]


@pytest.fixture
def handed_in(school: School) -> Callable[..., list[Answer]]:
    """`handed_in(texts)` makes a learner for each text, who hands it in; `groups` are the learners'."""

    def made(texts: Sequence[str], *, groups: Sequence[Sequence[str]] = ()) -> list[Answer]:
        from llmasos.accounts.tenancy import acting_in
        from tutor import models

        owned = {"organisation": school.organisation}
        with acting_in(school.organisation):
            learners = [
                models.Learner.objects.create(**owned, name=f"Pupil {uuid4()}", number=str(uuid4())) for _text in texts
            ]
            models.Enrolment.objects.bulk_create(
                models.Enrolment(**owned, course=school.course, learner=one, groups=list(groups[at] if groups else ()))
                for at, one in enumerate(learners)
            )
        return [school.answer(learner, text) for learner, text in zip(learners, texts, strict=True)]

    return made


@pytest.fixture
def decided(school: School) -> Callable[..., None]:
    """`decided(answers, marks, proposed=…)` stores marks, and proposals of an applied run; `seen` by the markers."""

    def made(
        answers: Sequence[Answer],
        marks: Sequence[float],
        *,
        proposed: Sequence[float | None] = (),
        seen: bool = False,
        kind: str = "first",
        confidence: float = 0.9,
    ) -> None:
        from django.utils import timezone

        from llmasos.accounts.tenancy import acting_in
        from tutor.models import Mark, Proposal, ProposalRun

        owned: dict[str, Any] = {"organisation": school.organisation}
        rubric = school.question.rubric
        assert rubric is not None
        with acting_in(school.organisation):
            proposals: list[Proposal] = []
            if proposed:
                run = ProposalRun.objects.create(
                    **owned, question=school.question, rubric=rubric, state="done", applied_at=timezone.now()
                )
                proposals = Proposal.objects.bulk_create(
                    Proposal(
                        **owned, run=run, answer=answer, answer_digest=answer.digest, confidence=confidence,
                        decision="none" if value is None else "proposed",
                        points=None if value is None else Decimal(str(value)),
                    )
                    for answer, value in zip(answers, proposed, strict=True)
                )  # fmt: skip
            for at, (answer, value) in enumerate(zip(answers, marks, strict=True)):
                shown = proposals[at] if seen and proposals else None
                origin = "own"
                if shown is not None and shown.points is not None:
                    origin = "confirmed" if float(shown.points) == value else "overridden"
                Mark.objects.create(
                    **owned, answer=answer, learner_id=answer.learner_id, rubric=rubric, answer_digest=answer.digest,
                    kind=kind, origin=origin, marker=school.teacher, points=Decimal(str(value)), proposal=shown,
                    override_reason="too_high" if origin == "overridden" else "",
                )  # fmt: skip

    return made
