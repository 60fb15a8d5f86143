"""Asking for acts on many rows, looking at them, stopping them, and doing them."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor import jobs
from tutor.bulk.progress import Progress, StoppedError
from tutor.bulk.registry import Done, work_of
from tutor.courses.errors import CourseError
from tutor.interchange.problems import UnreadableFileError
from tutor.marking.errors import MarkingError
from tutor.models import Assignment, BulkAct, Course
from tutor.permissions import TEACHER, course_for, courses_of
from tutor.programs import person_of

logger = logging.getLogger(__name__)

Kind = BulkAct.Kind
State = jobs.State
LONG: Final = 300
"""An act on more rows is done by a worker; on fewer, while the page waits."""
KEPT: Final = timedelta(hours=24)
"""Acts that ended are deleted after that, with what they hand out; those that have not ended by then are given up."""
MOST_TRIES: Final = 3
"""An act whose worker was lost so often is given up: it may be what ends the workers."""
STOPPED: Final = "stopped"
"""The error code of an act that a person ended."""


def ask(
    principal: Principal,
    kind: str,
    about: Course | Assignment,
    given: Mapping[str, Any] | None = None,
    *,
    content: str = "",
) -> BulkAct:
    """Have an act done for a person; the same one, asked for again while it is under way, is given back.

    Raises:
        PermissionDenied: the person has no part in the course that does such things.
    """
    course_id = about.course_id if isinstance(about, Assignment) else about.pk
    wanted = json.dumps([kind, str(about.pk), str(principal.id), given or {}], sort_keys=True)
    key = hashlib.sha256(wanted.encode() + hashlib.sha256(content.encode()).digest()).hexdigest()
    with acting_in(principal.organisation_id):
        course_for(principal, course_id, *work_of(kind).roles)
        try:
            with transaction.atomic():
                act = BulkAct.objects.create(
                    organisation_id=principal.organisation_id,
                    course_id=course_id,
                    assignment=about if isinstance(about, Assignment) else None,
                    kind=kind,
                    key=key,
                    given=dict(given or {}),
                    content=content,
                    language=translation.get_language() or "",
                    requested_by_id=principal.id,
                )
        except IntegrityError:
            return _all(principal.organisation_id).get(key=key, state__in=jobs.AT_WORK)
        _record(principal, act, "tutor.bulk_asked", kind=kind)
        transaction.on_commit(partial(publish, principal.organisation_id, act.pk))
        return act


def act_of(principal: Principal, act_id: UUID) -> BulkAct:
    """Return an act, without the file that it may hold.

    Raises:
        BulkAct.DoesNotExist: there is none that the principal may know of.
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
    """
    found: BulkAct = _all(principal.organisation_id).get(pk=act_id)
    work = work_of(found.kind)
    course_for(principal, found.course_id, *work.roles)
    if work.handed_out and found.requested_by_id != principal.id:
        raise BulkAct.DoesNotExist
    return found


def open_acts(principal: Principal, about: Course | Assignment, *kinds: str) -> list[BulkAct]:
    """Return the acts of these kinds that are under way or whose end waits to be looked at, without any content."""
    rows = _all(principal.organisation_id).filter(kind__in=kinds).defer("content", "result")
    of_it = rows.filter(assignment=about) if isinstance(about, Assignment) else rows.filter(course=about)
    handed_out = [kind for kind in kinds if work_of(kind).handed_out]
    waits = Q(state__in=[*jobs.AT_WORK, State.DONE], kind__in=handed_out, requested_by_id=principal.id)
    return list(of_it.filter(waits | Q(state__in=jobs.AT_WORK) & ~Q(kind__in=handed_out)))


def may_end(principal: Principal, act: BulkAct) -> bool:
    """Whether an act is the principal's to end: of who asked for it, and of the teachers of the course."""
    return act.requested_by_id == principal.id or courses_of(principal, TEACHER).filter(pk=act.course_id).exists()


def stop(principal: Principal, act_id: UUID) -> None:
    """End an act that waits or is under way; nothing of it is kept.

    Raises:
        PermissionDenied: a colleague asked for it, and the principal is no teacher of the course.
        BulkAct.DoesNotExist, Course.DoesNotExist: as ``act_of``.
    """
    with acting_in(principal.organisation_id):
        act = _own(principal, act_id)
        under_way = _all(principal.organisation_id).filter(pk=act_id, state__in=jobs.AT_WORK)
        if under_way.update(state=State.FAILED, error_code=STOPPED, finished_at=timezone.now()):
            _emptied(act)
            _record(principal, act, "tutor.bulk_stopped", kind=act.kind)


def discard(principal: Principal, act_id: UUID) -> None:
    """Delete an act that is not under way, with what it hands out. Raises as ``stop``."""
    with acting_in(principal.organisation_id):
        act = _own(principal, act_id)
        ended = _all(principal.organisation_id).filter(pk=act_id).exclude(state__in=jobs.AT_WORK)
        if ended.delete()[0]:
            _record(principal, act, "tutor.bulk_discarded", kind=act.kind)


def go_on(principal: Principal, act_id: UUID, kind: str) -> UUID:
    """Have what was looked at done, as an act of the next ``kind``; once, however often.

    Returns the act to look at: another one where the same is under way already. Raises as ``act_of``.
    """
    with acting_in(principal.organisation_id):
        act = act_of(principal, act_id)
        waits = _all(principal.organisation_id).filter(pk=act_id, kind=act.kind, state=State.DONE).exclude(kind=kind)
        again = {"state": State.QUEUED, "done": 0, "total": 0, "tries": 0, "finished_at": None}
        try:
            with transaction.atomic():
                begun = waits.update(kind=kind, heartbeat_at=timezone.now(), **again)
        except IntegrityError:
            return _all(principal.organisation_id).get(key=act.key, state__in=jobs.AT_WORK).pk
        if begun:
            _record(principal, act, "tutor.bulk_asked", kind=kind)
            transaction.on_commit(partial(publish, principal.organisation_id, act_id))
        return act_id


def publish(organisation_id: UUID, act_id: UUID) -> None:
    """Hand an act to the worker. While the broker is away nothing is lost: the clock takes the row up later."""
    from kombu.exceptions import OperationalError

    from tutor.bulk.tasks import bulk_act

    try:
        bulk_act.apply_async(args=(str(organisation_id), str(act_id)), queue="jobs")
    except (OperationalError, OSError):
        return


def work(organisation_id: UUID, act_id: UUID) -> None:
    """Bring a waiting act to its end, in one transaction. Delivered twice, it has one effect."""
    with acting_in(organisation_id):
        rows = BulkAct.objects.for_organisation(organisation_id).select_for_update(skip_locked=True, of=("self",))
        act = rows.filter(pk=act_id, state=State.QUEUED).first()
        if act is None:
            return
        act.state, act.heartbeat_at, act.tries = State.RUNNING, timezone.now(), act.tries + 1
        act.save(update_fields=["state", "heartbeat_at", "tries"])
        principal = person_of(organisation_id, act.requested_by_id)
    try:
        with translation.override(act.language or None), Progress(act) as step, acting_in(organisation_id):
            done = work_of(act.kind).does(principal, act, step)
            _keep(act, done)
    except StoppedError:
        return
    except (PermissionDenied, Course.DoesNotExist):
        _failed(act, "forbidden")
    except ObjectDoesNotExist:
        _failed(act, "gone")
    except (MarkingError, UnreadableFileError, CourseError) as error:
        _failed(act, "refused", {"failure": str(error)})
    except Exception:
        logger.exception("an act on many rows failed", extra={"act": str(act_id)})
        _failed(act, "internal")


def take_up_lost(organisation_id: UUID, *, lost_after: timedelta) -> int:
    """Queue again acts whose worker was lost, give up what loses each, and let nothing stay for longer than a day."""
    rows = BulkAct.objects.for_organisation(organisation_id)
    before, old = timezone.now() - lost_after, timezone.now() - KEPT
    with acting_in(organisation_id):
        rows.exclude(state__in=jobs.AT_WORK).filter(finished_at__lt=old).delete()
        given_up(rows.filter(Q(created_at__lt=old) | Q(heartbeat_at__lt=before, tries__gte=MOST_TRIES)), "internal")
    return jobs.take_up_lost(rows, organisation_id, before=before, publish=publish)


def given_up(rows: QuerySet[BulkAct], error_code: str) -> list[UUID]:
    """End those of some acts that have not ended, keep nothing of them, and return which. Inside ``acting_in``."""
    under_way = list(rows.filter(state__in=jobs.AT_WORK).select_for_update(of=("self",)).defer("content", "result"))
    for act in under_way:
        act.state, act.error_code, act.finished_at = State.FAILED, error_code, timezone.now()
        act.save(update_fields=["state", "error_code", "finished_at"])
        _emptied(act)
    return [act.pk for act in under_way]


def _own(principal: Principal, act_id: UUID) -> BulkAct:
    act = act_of(principal, act_id)
    if not may_end(principal, act):
        raise PermissionDenied("this is for who asked for it and the teachers of the course")
    return act


def _keep(act: BulkAct, done: Done) -> None:
    """Store how an act ended, as the last statement of its transaction. Raises StoppedError when it is another's."""
    act.report, act.result = dict(done.report), done.result
    fields = ["report", "result"]
    if act.kind != Kind.MARKS_CHECK:
        act.content = ""
        fields.append("content")
    act.save(update_fields=fields)
    if not jobs.end(act, State.DONE):
        raise StoppedError


def _failed(act: BulkAct, error_code: str, report: Mapping[str, str] | None = None) -> None:
    with acting_in(act.organisation_id):
        if jobs.end(act, State.FAILED, error_code=error_code):
            act.report = dict(report or {})
            _emptied(act)


def _emptied(act: BulkAct) -> None:
    act.content = act.result = ""
    act.save(update_fields=["content", "result", "report"])


def _all(organisation_id: UUID) -> QuerySet[BulkAct]:
    rows = BulkAct.objects.for_organisation(organisation_id).defer("content")
    return rows.select_related("course", "assignment", "requested_by")


def _record(principal: Principal, act: BulkAct, action: str, *, kind: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("assignment", act.assignment_id) if act.assignment_id else Ref("course", act.course_id),
        digests={"act": str(act.pk), "kind": kind},
    )
