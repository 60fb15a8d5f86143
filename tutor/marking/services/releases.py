"""Releases: a learner sees exactly the marks that stood at that moment, until they are taken back or replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record, recorded_together
from llmasos.audit.types import Ref
from tutor.jobs import Step, in_parts, unseen
from tutor.marking.access import DECIDERS, assignment_for, is_drawn, require_person, standing
from tutor.marking.errors import IncompleteError, NotFoundError
from tutor.marking.followers import tell_followers
from tutor.marking.points import hundredths
from tutor.marking.shown import current_of, missing_of
from tutor.marking.types import Incomplete
from tutor.models import Annotation, Answer, Assignment, Mark, Release, Submission


class Standing(NamedTuple):
    """An answer that counts, and the marks of it that stand, by kind."""

    submission_id: UUID
    question_id: UUID
    answer_id: UUID
    marks: dict[str, Mark]


def release(
    principal: Principal,
    assignment_id: UUID,
    submission_ids: Collection[UUID],
    *,
    partly: bool = False,
    step: Step = unseen,
) -> tuple[UUID, int]:
    """Show their learners the marks that stand; return the batch, by which it is taken back, and how many it shows.

    A submission whose standing marks and notes are shown already stays as it is. ``partly`` also shows work of which
    not every answer is marked to the end; the learner is told so.

    Raises:
        NotFoundError: no such assignment, or a submission is not among the ones of it that count.
        PermissionDenied: not a teacher of the course.
        IncompleteError: some lack marks, and ``partly`` was not said.
    """
    require_person(principal)
    batch = uuid4()
    with acting_in(principal.organisation_id):
        assignment = assignment_for(principal, assignment_id, *DECIDERS)
        submissions = list(
            Submission.objects.for_organisation(principal.organisation_id)
            .select_for_update(of=("self",))
            .select_related("assignment")
            .filter(pk__in=list(submission_ids))
            .filter(pk__in=_that_count(assignment))
            .order_by("pk")
        )
        if len(submissions) != len(set(submission_ids)):
            raise NotFoundError
        standing_marks = answers_of(assignment, submissions)
        found = released_marks(standing_marks, submissions)
        incomplete = incomplete_of(assignment, standing_marks, submissions)
        lacking = [one for one in incomplete if not partly or not found[one.submission_id]]
        if lacking:
            raise IncompleteError(lacking)
        return batch, show(principal, [(one, found[one.pk]) for one in submissions], batch=batch, step=step)


def withdraw_release(
    principal: Principal,
    assignment_id: UUID,
    *,
    batch: UUID | None = None,
    submission_ids: Collection[UUID] = (),
    step: Step = unseen,
) -> int:
    """Take releases back, those of a batch or of some submissions, and return how many were.

    Raises:
        NotFoundError, PermissionDenied: as ``release``.
    """
    require_person(principal)
    with acting_in(principal.organisation_id):
        assignment = assignment_for(principal, assignment_id, *DECIDERS)
        releases = Release.objects.for_organisation(principal.organisation_id).filter(
            submission__assignment=assignment, withdrawn_at=None
        )
        chosen = releases.filter(batch=batch) if batch is not None else releases.filter(submission__in=submission_ids)
        taken = list(chosen.select_for_update(of=("self",)).select_related("submission__assignment").order_by("pk"))
        _take_back(principal, taken, step)
        tell_followers(principal.organisation_id, [one.submission for one in taken])
        return len(taken)


def show(
    principal: Principal,
    results: Sequence[tuple[Submission, Mapping[UUID, Mark]]],
    *,
    batch: UUID,
    step: Step = unseen,
) -> int:
    """Release these marks, by answer, in the place of what is shown; return for how many submissions that is new."""
    shown = {
        one.submission_id: one
        for one in Release.objects.for_organisation(principal.organisation_id)
        .select_for_update(of=("self",))
        .filter(submission__in=[submission for submission, _marks in results], withdrawn_at=None)
    }
    noted = noted_since(shown.values())
    made: list[tuple[Release, Sequence[Mark]]] = []
    replaced = []
    for submission, marks in results:
        given = [mark for _answer, mark in sorted(marks.items())]
        held = shown.get(submission.pk)
        if held is not None and held.pk not in noted and set(held.marks) == {mark.pk for mark in given}:
            continue
        if held is not None:
            replaced.append(held.pk)
        release = Release(
            organisation_id=principal.organisation_id,
            submission=submission,
            batch=batch,
            marks=[mark.pk for mark in given],
            released_by_id=principal.id,
        )
        made.append((release, given))
    of = Release.objects.for_organisation(principal.organisation_id)
    of.filter(pk__in=replaced).update(withdrawn_at=timezone.now())
    for part in in_parts(made, step):
        Release.objects.bulk_create([release for release, _marks in part])
        with recorded_together():
            for release, marks_shown in part:
                _record_shown(principal, release, marks_shown, shown.get(release.submission_id))
    tell_followers(principal.organisation_id, [release.submission for release, _marks in made])
    return len(made)


def noted_since(held: Collection[Release]) -> set[UUID]:
    """Return which of these releases lack notes that markers have written since."""
    if not held:
        return set()
    organisation_id = next(iter(held)).organisation_id
    newer = Annotation.objects.for_organisation(organisation_id).filter(
        answer__submission=OuterRef("submission"), created_at__gt=OuterRef("released_at")
    )
    found = Release.objects.for_organisation(organisation_id).filter(pk__in=[one.pk for one in held])
    return set(found.filter(Exists(newer)).values_list("pk", flat=True))


def answers_of(assignment: Assignment, submissions: Collection[Submission]) -> list[Standing]:
    """Return the answers that count of these submissions, each with the marks that stand (without their words)."""
    ids = [one.pk for one in submissions]
    answers = standing(assignment.organisation_id).filter(submission__in=ids)
    rows = list(
        answers.order_by("submission__shuffle", "question__position").values_list("submission_id", "question_id", "pk")
    )
    marks: dict[UUID, dict[str, Mark]] = {}
    held = Mark.objects.for_organisation(assignment.organisation_id).filter(withdrawn_at=None)
    for mark in held.filter(answer__submission__in=ids).only("answer_id", "kind", "points"):
        marks.setdefault(mark.answer_id, {})[mark.kind] = mark
    return [Standing(submission, question, answer, marks.get(answer, {})) for submission, question, answer in rows]


def released_marks(answers: Iterable[Standing], submissions: Collection[Submission]) -> dict[UUID, dict[UUID, Mark]]:
    """Return the mark that counts of each answer, by submission; answers without one are left out."""
    found: dict[UUID, dict[UUID, Mark]] = {one.pk: {} for one in submissions}
    for submission_id, _question, answer_id, marks in answers:
        mark = current_of(marks)
        if mark is not None:
            found[submission_id][answer_id] = mark
    return found


def incomplete_of(
    assignment: Assignment, answers: Iterable[Standing], submissions: Collection[Submission]
) -> list[Incomplete]:
    """Return the submissions of which an answer is not marked to the end, with what each question lacks."""
    by_id = {one.pk: one for one in submissions}
    missing: dict[UUID, list[tuple[UUID, str]]] = {}
    for submission_id, question_id, _answer, marks in answers:
        twice = is_drawn(by_id[submission_id].shuffle, assignment.second_marking_percent)
        if (lack := missing_of(marks, twice=twice)) != "":
            missing.setdefault(submission_id, []).append((question_id, lack))
    return [Incomplete(one, by_id[one].pseudonym, tuple(lacks)) for one, lacks in missing.items()]


def _that_count(assignment: Assignment) -> QuerySet[Answer, UUID]:
    answers = standing(assignment.organisation_id).filter(submission__assignment=assignment)
    return answers.values_list("submission_id", flat=True)


def _record_shown(principal: Principal, release: Release, marks: Sequence[Mark], before: Release | None) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.released",
        subject=Ref("learner", release.submission.learner_id),
        object=Ref("submission", release.submission_id),
        digests={
            "release": str(release.pk),
            "batch": str(release.batch),
            "submission": release.submission.digest,
            "marks": [str(mark.pk) for mark in marks],
            "points": [hundredths(mark.points) for mark in marks],
            "replaces": str(before.pk) if before is not None else "",
        },
    )


def _take_back(principal: Principal, releases: Sequence[Release], step: Step) -> None:
    of = Release.objects.for_organisation(principal.organisation_id)
    of.filter(pk__in=[one.pk for one in releases]).update(withdrawn_at=timezone.now())
    for part in in_parts(releases, step):
        with recorded_together():
            for held in part:
                record(
                    organisation_id=principal.organisation_id,
                    actor=principal.actor,
                    action="tutor.release_withdrawn",
                    subject=Ref("learner", held.submission.learner_id),
                    object=Ref("submission", held.submission_id),
                    digests={"release": str(held.pk), "batch": str(held.batch)},
                )
