from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member
from tests.tutor.marking.conftest import HALF, RIGHT

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]


def test_points_follow_from_the_levels(answer: Answer, give: Give) -> None:
    assert give(answer, levels=HALF).points == Decimal("1.00")


@pytest.mark.parametrize(
    "levels", [{"evaporates": "yes"}, {**HALF, "energy": "maybe"}, {**HALF, "length": "yes"}, {}], ids=str
)
def test_levels_that_are_not_the_rubrics_are_refused(answer: Answer, give: Give, levels: dict[str, str]) -> None:
    from tutor.marking.errors import InvalidMarkError

    with pytest.raises(InvalidMarkError):
        give(answer, levels=levels)


@pytest.mark.parametrize("points", ["-1", "2.01", "0.333", "NaN"])
def test_points_off_the_scale_are_refused(answer: Answer, give: Give, points: str) -> None:
    from tutor.marking.errors import InvalidMarkError

    with pytest.raises(InvalidMarkError):
        give(answer, points=Decimal(points))


def test_the_same_as_proposed_is_a_confirmation(answer: Answer, give: Give, propose: Any) -> None:
    proposal = propose(answer)
    mark = give(answer, levels=HALF)
    assert (mark.origin, mark.proposal_id) == ("confirmed", proposal.pk)


def test_another_value_than_proposed_needs_a_reason(answer: Answer, give: Give, propose: Any) -> None:
    from tutor.marking.errors import ReasonNeededError

    propose(answer)
    with pytest.raises(ReasonNeededError):
        give(answer, levels=RIGHT)
    assert give(answer, levels=RIGHT, override_reason="too_low").origin == "overridden"


def test_without_a_proposal_a_mark_is_the_markers_own(school: School, answer: Answer, give: Give, propose: Any) -> None:
    propose(answer)
    other = school.answer(school.other_pupil, "It dries.")
    assert give(other, levels=HALF).origin == "own"


def test_a_mark_for_an_answer_that_was_not_shown_is_refused(answer: Answer, give: Give) -> None:
    from tutor.marking.errors import AnswerChangedError

    with pytest.raises(AnswerChangedError):
        give(answer, expected_digest="0" * 64)


def test_an_earlier_attempt_is_not_marked_any_more(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import AnswerChangedError

    school.answer(school.pupil, "Heat makes it evaporate.", attempt=2)
    with pytest.raises(AnswerChangedError):
        give(answer)


def test_whoever_is_second_is_told_instead_of_overwriting(answer: Answer, give: Give) -> None:
    from tutor.marking.errors import MarkConflictError

    first = give(answer)
    with pytest.raises(MarkConflictError) as refused:
        give(answer, levels=RIGHT)
    assert refused.value.current == first.pk


def test_the_same_request_twice_makes_one_mark(answer: Answer, give: Give) -> None:
    key = uuid4()
    assert give(answer, client_id=key).pk == give(answer, client_id=key).pk


def test_the_same_request_with_another_value_is_refused(answer: Answer, give: Give) -> None:
    from tutor.marking.errors import ReplayedDifferentlyError

    key = uuid4()
    give(answer, client_id=key)
    with pytest.raises(ReplayedDifferentlyError):
        give(answer, client_id=key, levels=RIGHT)


def test_undo_brings_back_the_mark_before(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.services import withdraw_mark
    from tutor.marking.shown import marks_of

    first = give(answer, feedback="Say more.")
    second = give(answer, levels=RIGHT, expected_mark_id=first.pk)
    withdraw_mark(school.principal(school.teacher), second.pk)
    with acting_in(school.organisation):
        standing = marks_of(school.id, [answer.pk])[answer.pk]["first"]
        assert (standing.pk, standing.feedback) == (first.pk, "Say more.")


def test_a_lock_keeps_others_out_until_it_runs_out(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import LockedError
    from tutor.marking.services import take_lock
    from tutor.models import MarkingLock

    assert take_lock(school.principal(school.second_teacher), answer.pk).mine
    with pytest.raises(LockedError, match="Second"):
        give(answer)
    with acting_in(school.organisation):
        MarkingLock.objects.for_organisation(school.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert take_lock(school.principal(school.teacher), answer.pk).mine
    assert give(answer).points == 1


def test_a_second_marker_marks_beside_the_first(school: School, answer: Answer, give: Give, propose: Any) -> None:
    propose(answer)
    give(answer)
    second = give(answer, by=school.second_teacher, levels=RIGHT)
    assert (second.kind, second.origin, second.proposal_id) == ("second", "own", None)


def test_moderation_decides_between_two_marks_that_differ(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import NothingToModerateError
    from tutor.marking.services import moderate
    from tutor.marking.shown import current_of, marks_of

    principal = school.principal(school.teacher)
    given: dict[str, Any] = {"expected_digest": answer.digest, "expected_mark_id": None, "points": Decimal("1.5")}
    give(answer)
    with pytest.raises(NothingToModerateError):
        moderate(principal, answer.pk, **given)
    give(answer, by=school.second_teacher, levels=RIGHT)
    final = moderate(principal, answer.pk, **given)
    with acting_in(school.organisation):
        assert current_of(marks_of(school.id, [answer.pk])[answer.pk]) == final


def test_a_stranger_does_not_learn_that_there_is_an_answer(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import NotFoundError

    with pytest.raises(NotFoundError):
        give(answer, by=member(school.organisation, "elsewhere", "teacher"))


def test_a_program_gives_no_marks(school: School, answer: Answer) -> None:
    from llmasos.accounts.principals import system_principal
    from tutor.marking.services import give_mark

    with pytest.raises(PermissionDenied):
        give_mark(
            system_principal(school.id), answer.pk, expected_digest=answer.digest, expected_mark_id=None, levels=HALF
        )


def test_the_log_has_the_value_before_and_after(answer: Answer, give: Give, log: Any) -> None:
    first = give(answer)
    give(answer, levels=RIGHT, expected_mark_id=first.pk)
    written = log("tutor.marked")[-1].digests
    assert (written["before"], written["after"], written["replaces"]) == (100, 200, str(first.pk))


def test_a_name_is_revealed_once_for_a_reason(school: School, answer: Answer, log: Any) -> None:
    from tutor.marking.errors import ReasonNeededError
    from tutor.marking.services import reveal

    principal = school.principal(school.teacher)
    with pytest.raises(ReasonNeededError):
        reveal(principal, answer.pk, reason="curious")
    for _ in range(2):
        reveal(principal, answer.pk, reason="contact")
    assert [entry.digests["reason"] for entry in log("tutor.revealed")] == ["contact"]


def test_the_log_says_nothing_stands_again_where_the_replaced_mark_was_of_another_text(
    school: School, answer: Answer, give: Give, log: Callable[[str], list[Any]]
) -> None:
    from tutor.marking.services import withdraw_mark
    from tutor.models import Mark

    first = give(answer)
    second = give(answer, levels=RIGHT, expected_mark_id=first.pk)
    with acting_in(school.organisation):
        Mark.objects.filter(pk=first.pk).update(answer_digest="0" * 64)
    withdraw_mark(school.principal(school.teacher), second.pk)
    with acting_in(school.organisation):
        assert Mark.objects.get(pk=first.pk).withdrawn_at is not None
    digests = log("tutor.mark_withdrawn")[-1].digests
    assert (digests.get("restored"), digests.get("after")) == ("", None)
