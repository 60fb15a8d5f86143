from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

RIGHT = {"evaporates": "yes", "energy": "yes"}
HALF = {"evaporates": "yes", "energy": "no"}


@pytest.fixture
def answer(school: School) -> Answer:
    return school.answer(school.pupil, "The water evaporates. It is warm.")


@pytest.fixture
def give(school: School) -> Callable[..., Mark]:
    """Mark an answer as the teacher, or as `by`."""

    def given(answer: Answer, *, by: Any = None, **values: Any) -> Mark:
        from tutor.marking.services import give_mark

        if not {"points", "levels"} & set(values):
            values["levels"] = HALF
        values = {"expected_digest": answer.digest, "expected_mark_id": None, **values}
        return give_mark(school.principal(by or school.teacher), answer.pk, **values)

    return given


@pytest.fixture
def propose(school: School) -> Callable[..., Any]:
    """An applied proposal that finds the first criterion met and the second missed."""

    def made(answer: Answer) -> Any:
        from django.utils import timezone

        from llmasos.accounts.tenancy import acting_in
        from tutor.models import Proposal, ProposalRun

        owned = {"organisation": school.organisation}
        with acting_in(school.organisation):
            assert school.question.rubric is not None
            run = ProposalRun.objects.create(
                **owned,
                question=school.question,
                rubric=school.question.rubric,
                state="done",
                applied_at=timezone.now(),
            )
            return Proposal.objects.create(
                **owned, run=run, answer=answer, answer_digest=answer.digest, decision="proposed", confidence=0.9,
                points=Decimal(1),
                criteria=[
                    {"criterion": "evaporates", "level": "yes", "points": "1", "confidence": 0.9, "start": 0, "end": 21,
                     "missing": []},
                    {"criterion": "energy", "level": "no", "points": "0", "confidence": 0.8, "start": None,
                     "end": None, "missing": ["energy"]},
                ],
            )  # fmt: skip

    return made


@pytest.fixture
def log(school: School) -> Callable[[str], list[Any]]:
    """The entries of an action, oldest first."""

    def entries(action: str) -> list[Any]:
        from llmasos.accounts.tenancy import acting_in
        from llmasos.audit.models import Entry

        with acting_in(school.organisation):
            return list(Entry.objects.filter(organisation_id=school.id, action=action).order_by("recorded_at", "pk"))

    return entries
