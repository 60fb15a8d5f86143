"""Groups of alike answers: made by a job, then split, merged, named and sorted by people."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import FIRST_MARKERS, question_for, require_role
from tutor.marking.errors import MarkingError, NotFoundError, NothingToDoError
from tutor.marking.jobs import queue_job
from tutor.models import AnswerGroup, GroupMember, MarkingJob, Question
from tutor.permissions import courses_of

NAME_LENGTH = 120


class OtherQuestionError(MarkingError):
    """Groups of different questions were named together."""

    code = "other_question"

    def __init__(self) -> None:
        super().__init__(_("These groups belong to different questions."))


def make_groups(principal: Principal, question_id: UUID) -> MarkingJob:
    """Ask for the question's answers to be put into groups; the job that is already under way is given back instead.

    Groups that people have changed stay as they are; all other answers are grouped anew, at their present version.

    Raises:
        NotFoundError, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        return queue_job(principal, question, MarkingJob.Kind.GROUPS, action="tutor.groups_asked")


def split_group(principal: Principal, group_id: UUID, *, answer_ids: Sequence[UUID], name: str = "") -> AnswerGroup:
    """Take members out of a group into a new one, and return that.

    Raises:
        NotFoundError, PermissionDenied.
        NothingToDoError: none of the answers is in the group, or all of them are.
    """
    with acting_in(principal.organisation_id):
        group = _held(principal, group_id)
        members = GroupMember.objects.for_organisation(principal.organisation_id).filter(group=group)
        moved = members.filter(answer__in=list(answer_ids))
        count, whole = moved.count(), members.count()
        if count in {0, whole}:
            raise NothingToDoError
        new = _new_group(principal, group.question, name)
        new.exemplar_id = moved.values_list("answer", flat=True).first()
        new.save(update_fields=["exemplar"])
        moved.update(group=new, odd=False)
        _touched(group)
        _record(principal, new, "split", {"from": str(group.pk), "moved": count})
        return new


def merge_groups(principal: Principal, group_id: UUID, *, others: Sequence[UUID]) -> AnswerGroup:
    """Put all members of other groups into this one; the others are gone.

    Raises:
        NotFoundError, PermissionDenied, OtherQuestionError.
        NothingToDoError: there is no other.
    """
    with acting_in(principal.organisation_id):
        group = _held(principal, group_id)
        rest = [_held(principal, other) for other in dict.fromkeys(others) if other != group_id]
        if not rest:
            raise NothingToDoError
        if any(other.question_id != group.question_id for other in rest):
            raise OtherQuestionError
        ids = [other.pk for other in rest]
        moved = (
            GroupMember.objects.for_organisation(principal.organisation_id).filter(group__in=ids).update(group=group)
        )
        AnswerGroup.objects.for_organisation(principal.organisation_id).filter(pk__in=ids).delete()
        _touched(group)
        _record(principal, group, "merge", {"merged": [str(one) for one in ids], "moved": moved})
        return group


def name_group(principal: Principal, group_id: UUID, *, name: str) -> AnswerGroup:
    """Give a group a name, in the marker's words; an empty one takes it away."""
    with acting_in(principal.organisation_id):
        group = _held(principal, group_id)
        group.name = name.strip()[:NAME_LENGTH]
        group.save(update_fields=["name"])
        _record(principal, group, "name", {})
        return group


def move_members(principal: Principal, *, answer_ids: Sequence[UUID], to: UUID) -> AnswerGroup:
    """Move answers of the same question into a group, from whatever groups they are in; emptied groups are gone.

    Raises:
        NotFoundError, PermissionDenied.
        NothingToDoError: none of the answers is in another group of the question.
    """
    with acting_in(principal.organisation_id):
        group = _held(principal, to)
        moved = (
            GroupMember.objects.for_organisation(principal.organisation_id)
            .filter(answer__in=list(answer_ids), group__question=group.question_id)
            .exclude(group=group)
        )
        sources = set(moved.values_list("group", flat=True))
        count = moved.update(group=group, odd=False)
        if not count:
            raise NothingToDoError
        for source in AnswerGroup.objects.for_organisation(principal.organisation_id).filter(pk__in=sources):
            _touched(source)
        _touched(group)
        _record(principal, group, "move", {"from": sorted(str(one) for one in sources), "moved": count})
        return group


def group_for(principal: Principal, group_id: UUID, *roles: str) -> AnswerGroup:
    """Return a group of a question that the principal reaches in one of ``roles``."""
    group = (
        AnswerGroup.objects.for_organisation(principal.organisation_id)
        .select_related("question__assignment__course", "question__rubric")
        .filter(pk=group_id, question__assignment__course__in=courses_of(principal))
        .first()
    )
    if group is None:
        raise NotFoundError
    require_role(principal, group.question.assignment.course_id, *roles)
    return group


def _held(principal: Principal, group_id: UUID) -> AnswerGroup:
    group = group_for(principal, group_id, *FIRST_MARKERS)
    AnswerGroup.objects.for_organisation(principal.organisation_id).select_for_update().get(pk=group.pk)
    return group


def _new_group(principal: Principal, question: Question, name: str) -> AnswerGroup:
    last = AnswerGroup.objects.for_organisation(principal.organisation_id).filter(question=question)
    position = (last.aggregate(last=Max("position"))["last"] or 0) + 1
    return AnswerGroup.objects.create(
        organisation_id=principal.organisation_id,
        question=question,
        name=name.strip()[:NAME_LENGTH],
        position=position,
        made_by_hand=True,
    )


def _touched(group: AnswerGroup) -> None:
    """A group that people have changed is theirs: the machine's purity no longer holds. Without members it goes."""
    members = GroupMember.objects.for_organisation(group.organisation_id).filter(group=group)
    if not members.exists():
        group.delete()
        return
    group.made_by_hand, group.purity = True, None
    if group.exemplar_id is None or not members.filter(answer=group.exemplar_id).exists():
        group.exemplar_id = members.values_list("answer", flat=True).first()
    group.save(update_fields=["made_by_hand", "purity", "exemplar"])


def _record(principal: Principal, group: AnswerGroup, act: str, digests: dict[str, str | int | list[str]]) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.group_changed",
        object=Ref("answer_group", group.pk),
        digests={"act": act, **digests},
    )
