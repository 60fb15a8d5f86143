"""The platform's members of a class (Names and Role Provisioning Services), read into the course's class list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from pylti1p3.names_roles import NamesRolesProvisioningService

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.enrolling import Entry, learners_for, place
from tutor.courses.errors import CourseError
from tutor.jobs import State
from tutor.lti.calling import FAILURES, Connector, code_of
from tutor.lti.protocol import digest_of, part_of
from tutor.models import Learner, LtiContext, LtiLearner
from tutor.permissions import TEACHER, course_for

MOST_PAGES: Final = 100


def ask(principal: Principal, context_id: UUID) -> None:
    """Have the platform's members read. Raises LtiContext.DoesNotExist, Course.DoesNotExist or PermissionDenied."""
    with acting_in(principal.organisation_id):
        context = LtiContext.objects.for_organisation(principal.organisation_id).get(pk=context_id)
        course_for(principal, context.course_id, TEACHER)
        context.members_state, context.members_error, context.members_at = State.QUEUED, "", timezone.now()
        context.save(update_fields=["members_state", "members_error", "members_at"])
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.lti_members_asked",
            object=Ref("course", context.course_id),
        )
        transaction.on_commit(partial(publish, principal.organisation_id, context_id))


def publish(organisation_id: UUID, context_id: UUID) -> None:
    """Hand a class to the worker. While the broker is away nothing is lost: the clock takes the row up later."""
    from kombu.exceptions import OperationalError

    from tutor.lti.tasks import lti_members

    try:
        lti_members.apply_async(args=(str(organisation_id), str(context_id)), queue="jobs")
    except (OperationalError, OSError):
        return


def work(organisation_id: UUID, context_id: UUID) -> None:
    """Read a class that waits. Delivered twice, it has one effect."""
    with acting_in(organisation_id):
        waiting = LtiContext.objects.for_organisation(organisation_id).filter(members_state=State.QUEUED)
        context = waiting.select_related("platform", "course").filter(pk=context_id).first()
        connector = Connector(context.platform) if context is not None else None
    if context is None or connector is None:
        return
    try:
        members = _members(connector, context.memberships_url)
    except FAILURES as error:
        _end(context, State.FAILED, error=code_of(error))
        return
    try:
        with acting_in(organisation_id):
            # A second delivery waits here, and finds everybody placed.
            LtiContext.objects.for_organisation(organisation_id).select_for_update().get(pk=context_id)
            counts = _placed(context, members)
            _end(context, State.DONE, counts=counts)
    except CourseError:
        _end(context, State.FAILED, error="ambiguous")


def take_up_lost(organisation_id: UUID, *, lost_after: timedelta) -> None:
    """Queue again what nobody has brought to an end."""
    with acting_in(organisation_id):
        rows = LtiContext.objects.for_organisation(organisation_id).filter(members_state=State.QUEUED)
        lost = rows.filter(members_at__lt=timezone.now() - lost_after)
        ids = list(lost.select_for_update(skip_locked=True).values_list("pk", flat=True))
        rows.filter(pk__in=ids).update(members_at=timezone.now())
    for context_id in ids:
        publish(organisation_id, context_id)


def _members(connector: Connector, address: str) -> list[dict[str, Any]]:
    """Return the active learners of a class, as the platform names them."""
    service = NamesRolesProvisioningService(connector, {"context_memberships_url": address})
    found: list[dict[str, Any]] = []
    page: str | None = address
    for _number in range(MOST_PAGES):
        if not page:
            break
        members, page = service.get_members_page(page)
        found += [dict(one) for one in members]
    return [
        one
        for one in found
        if one.get("status", "Active") == "Active"
        and 0 < len(str(one.get("user_id", ""))) <= 255
        and part_of([str(role) for role in one.get("roles") or []]) == "learner"
    ]


def _placed(context: LtiContext, members: list[dict[str, Any]]) -> Counter[str]:
    of = context.organisation_id
    by_digest = {digest_of(context.platform_id, str(one["user_id"])): one for one in members}
    rows = LtiLearner.objects.for_organisation(of).filter(platform_id=context.platform_id, digest__in=by_digest)
    learners: dict[str, Learner] = {row.digest: row.learner for row in rows.select_related("learner")}
    new = {digest: one for digest, one in by_digest.items() if digest not in learners}
    for digest, learner in _found_or_made(of, new).items():
        LtiLearner.objects.create(
            organisation_id=of,
            platform_id=context.platform_id,
            digest=digest,
            learner=learner,
            sub=str(new[digest]["user_id"]),
        )
        learners[digest] = learner
    principal = system_principal(of)
    return Counter(place(principal, context.course, [(one, Entry("")) for one in learners.values()]))


def _found_or_made(organisation_id: UUID, members: Mapping[str, dict[str, Any]]) -> dict[str, Learner]:
    """Return learners by their digests: those of an address known here, and new ones."""
    entries = {digest: Entry(_name(one), str(one.get("email") or "")[:254]) for digest, one in members.items()}
    told = {digest: entry for digest, entry in entries.items() if entry.email}
    found = dict(zip(told, learners_for(organisation_id, list(told.values())), strict=True))
    for digest, entry in entries.items():
        if digest not in found:
            # The platform keeps addresses to itself: nobody to compare with.
            found[digest] = Learner.objects.create(organisation_id=organisation_id, name=entry.name)
    return found


def _name(member: dict[str, Any]) -> str:
    parts = (str(member.get("given_name") or ""), str(member.get("family_name") or ""))
    return (str(member.get("name") or "") or " ".join(parts).strip() or "–")[:200]


def _end(context: LtiContext, state: str, *, error: str = "", counts: Counter[str] | None = None) -> None:
    with acting_in(context.organisation_id):
        LtiContext.objects.for_organisation(context.organisation_id).filter(pk=context.pk).update(
            members_state=state, members_error=error, members_counts=dict(counts or {}), members_at=timezone.now()
        )
        record(
            organisation_id=context.organisation_id,
            actor=system_principal(context.organisation_id).actor,
            action="tutor.lti_members_read",
            object=Ref("course", context.course_id),
            outcome="failure" if error else "success",
            digests=dict(counts or {}),
        )
