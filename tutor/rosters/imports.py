"""Uploads of roster files and class lists: stored sealed, checked by a job, shown, applied by a job, and deleted."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor import jobs
from tutor.courses.errors import CourseError
from tutor.courses.terms import keeps_terms
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.rosters import read_roster
from tutor.interchange.tables import read_table
from tutor.models import Course, RosterImport
from tutor.permissions import TEACHER, course_for
from tutor.programs import person_of, program_id, program_of
from tutor.rosters.applying import Beat, apply
from tutor.rosters.class_lists import apply_list
from tutor.rosters.files import read_files
from tutor.rosters.outcome import Outcome
from tutor.rosters.rows import read_rows

logger = logging.getLogger(__name__)

Step = RosterImport.Step
KEPT: Final = timedelta(hours=24)
"""Files that nobody applies are deleted after that."""
MOST_BYTES: Final = 16 * 1024 * 1024
MOST_PROBLEMS: Final = 200


def upload(principal: Principal, content: bytes, *, course_id: UUID | None = None) -> RosterImport:
    """Store roster files sealed and have them checked; with a course, the class list of that course.

    Raises:
        PermissionDenied: roster files are for administrators, class lists for teachers of the course; and for programs.
        Course.DoesNotExist: the principal knows of no such course.
    """
    with acting_in(principal.organisation_id):
        _require(principal, course_id)
        made = RosterImport.objects.create(
            organisation_id=principal.organisation_id,
            content=base64.b64encode(content).decode(),
            course_id=course_id,
            heartbeat_at=timezone.now(),
            **_asking(principal),
        )
        _record(principal, made, "tutor.roster_uploaded")
        transaction.on_commit(partial(publish, principal.organisation_id, made.pk))
        return made


def import_of(principal: Principal, import_id: UUID) -> RosterImport:
    """Return an upload. Raises RosterImport.DoesNotExist, Course.DoesNotExist or PermissionDenied."""
    found = _all(principal).filter(pk=import_id).first()
    if found is None:
        # To those who may see none it is not said which there are.
        _require(principal)
        raise RosterImport.DoesNotExist
    _require(principal, found.course_id)
    return found


def uploads(principal: Principal) -> QuerySet[RosterImport]:
    """Return the uploads of files of the whole organisation, without their content. Raises PermissionDenied."""
    _require(principal)
    return _all(principal).filter(course=None)


def confirm(principal: Principal, import_id: UUID) -> None:
    """Have checked files applied; once, however often it is asked. Raises as ``import_of``."""
    with acting_in(principal.organisation_id):
        import_of(principal, import_id)
        checked = _all(principal).filter(pk=import_id, step=Step.CHECK, state=jobs.State.DONE, error_code="")
        now = timezone.now()
        if checked.update(
            step=Step.APPLY, state=jobs.State.QUEUED, done=0, total=0, heartbeat_at=now, **_asking(principal)
        ):
            transaction.on_commit(partial(publish, principal.organisation_id, import_id))


def discard(principal: Principal, import_id: UUID) -> None:
    """Delete uploaded files that are not being applied. Raises as ``import_of``."""
    with acting_in(principal.organisation_id):
        found = import_of(principal, import_id)
        if found.state not in jobs.AT_WORK:
            _record(principal, found, "tutor.roster_discarded")
            found.delete()


def publish(organisation_id: UUID, import_id: UUID) -> None:
    """Hand an upload to the worker. While the broker is away nothing is lost: the clock takes the row up later."""
    from kombu.exceptions import OperationalError

    from tutor.rosters.tasks import roster_import

    try:
        roster_import.apply_async(args=(str(organisation_id), str(import_id)), queue="jobs")
    except (OperationalError, OSError):
        return


def work(organisation_id: UUID, import_id: UUID) -> None:
    """Bring a waiting upload to the end of its step. Delivered twice, it has one effect."""
    with acting_in(organisation_id):
        rows = RosterImport.objects.for_organisation(organisation_id).select_for_update(skip_locked=True)
        found = rows.filter(pk=import_id, state=jobs.State.QUEUED).first()
        if found is None:
            return
        found.state, found.heartbeat_at = jobs.State.RUNNING, timezone.now()
        found.save(update_fields=["state", "heartbeat_at"])
        principal = _who_asked(found)
        content = base64.b64decode(found.content)
        language = Organisation.objects.get(pk=organisation_id).language
    try:
        with translation.override(language):
            does = _reading(principal, found, content)
            outcome = _tried(principal, does) if found.step == Step.CHECK else does(partial(_beat, found))
    except (UnreadableFileError, CourseError) as error:
        _end(found, {"failure": str(error)}, jobs.State.FAILED, "unreadable")
    except (PermissionDenied, Course.DoesNotExist):
        _end(found, {}, jobs.State.FAILED, "forbidden")
    except Exception:
        logger.exception("roster files could not be applied", extra={"import": str(import_id)})
        _end(found, {}, jobs.State.FAILED, "internal")
    else:
        if found.step == Step.APPLY:
            with acting_in(organisation_id):
                _record(principal, found, "tutor.roster_applied", outcome.counts)
        _end(found, _report(outcome), jobs.State.DONE)


def take_up_lost(organisation_id: UUID, *, lost_after: timedelta) -> int:
    """Queue again uploads whose worker was lost, and delete what nobody has applied for a day."""
    rows = RosterImport.objects.for_organisation(organisation_id)
    with acting_in(organisation_id):
        rows.exclude(state__in=jobs.AT_WORK).filter(created_at__lt=timezone.now() - KEPT).delete()
    return jobs.take_up_lost(rows, organisation_id, before=timezone.now() - lost_after, publish=publish)


def _reading(principal: Principal, found: RosterImport, content: bytes) -> Callable[[Beat], Outcome]:
    """Read what was uploaded, and return what applies it."""
    if found.course_id is not None:
        listed = read_roster(read_table(content))
        return partial(apply_list, principal, found.course_id, listed)
    roster = read_rows(read_files(content))
    return partial(apply, principal, roster)


def _tried(principal: Principal, does: Callable[[Beat], Outcome]) -> Outcome:
    """Return what applying would do, by doing it and taking it back."""
    with acting_in(principal.organisation_id):
        outcome = does(lambda done, total: None)
        transaction.set_rollback(True)
    return outcome


def _beat(job: RosterImport, done: int, total: int) -> None:
    jobs.beat(job, done=done, total=total)


def _end(job: RosterImport, report: dict[str, Any], state: str, error_code: str = "") -> None:
    """Store the report; the files go once they are applied or cannot be."""
    with acting_in(job.organisation_id):
        job.report = report
        job.save(update_fields=["report"])
        if job.step == Step.APPLY or state == jobs.State.FAILED:
            job.content = ""
            job.save(update_fields=["content"])
        jobs.end(job, state, error_code=error_code)


def _report(outcome: Outcome) -> dict[str, Any]:
    problems = sorted(outcome.problems, key=lambda one: (one.file, one.line))
    return {
        "counts": {name: count for name, count in outcome.counts.items() if count},
        "problems": [asdict(one) for one in problems[:MOST_PROBLEMS]],
        "problem_count": len(problems),
    }


def _who_asked(found: RosterImport) -> Principal:
    """Return who asked, with the roles or scopes that they have now."""
    if found.requested_by_program is not None:
        return program_of(found.organisation_id, found.requested_by_program)
    return person_of(found.organisation_id, found.requested_by_id)


def _asking(principal: Principal) -> dict[str, UUID | None]:
    person = principal.id if principal.kind == "person" else None
    return {"requested_by_id": person, "requested_by_program": program_id(principal)}


def _all(principal: Principal) -> QuerySet[RosterImport]:
    return RosterImport.objects.for_organisation(principal.organisation_id).defer("content")


def _require(principal: Principal, course_id: UUID | None = None) -> None:
    if course_id is not None:
        course_for(principal, course_id, TEACHER)
    elif not keeps_terms(principal):
        raise PermissionDenied("roster files are for administrators")


def _record(principal: Principal, found: RosterImport, action: str, counts: dict[str, int] | None = None) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("roster", found.pk),
        digests=dict(counts or {}),
    )
