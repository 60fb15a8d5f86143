"""From a class of a platform to a course: who launches gets their part in it, and links open assignments."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from tutor.courses.enrolling import Entry, place
from tutor.courses.errors import CourseError
from tutor.courses.matching import match
from tutor.courses.services import add_course
from tutor.desk.entered import uuid_or_none
from tutor.lti.accounts import give_role, known_learner
from tutor.lti.protocol import Launch, RefusedLaunchError, digest_of
from tutor.lti.scores import link_found
from tutor.models import Assignment, CourseStaff, Learner, LtiContext, LtiLearner, LtiLink
from tutor.permissions import TEACHER, course_for


def context_of(organisation_id: UUID, launch: Launch) -> LtiContext | None:
    """Return the class of a launch where a teacher has connected it. Inside ``acting_in``."""
    rows = LtiContext.objects.for_organisation(organisation_id).select_related("course")
    return rows.filter(
        platform_id=launch.platform, deployment_id=launch.deployment_id, context_id=launch.context_id
    ).first()


def link_of(context: LtiContext, launch: Launch) -> LtiLink | None:
    """Return the connected link of a launch; an assignment that was chosen with Deep Linking connects it."""
    links = LtiLink.objects.for_organisation(context.organisation_id)
    found = links.filter(context=context, resource_link_id=launch.resource_link_id).first()
    wanted = uuid_or_none(launch.assignment_id)
    if found is None and wanted is not None:
        chosen = _assignments(context).filter(pk=wanted).first()
        if chosen is not None:
            found = _save_link(context, launch, chosen)
    if found is not None and launch.line_item_url and found.line_item_url != launch.line_item_url:
        found.line_item_url = launch.line_item_url
        found.save(update_fields=["line_item_url"])
        link_found(found)
    return found


def arrive(organisation_id: UUID, launch: Launch, person: Person) -> LtiContext | None:
    """Give the person their part and return the class; None where a teacher has to connect it first.

    Raises:
        RefusedLaunchError: a learner's class is not connected, or the person's role was taken away.
    """
    with acting_in(organisation_id):
        roles = give_role(organisation_id, launch, person)
        context = context_of(organisation_id, launch)
        if context is None:
            if launch.part == "learner":
                raise RefusedLaunchError("unconnected")
        else:
            _keep_services(context, launch)
            if launch.part == "learner":
                _enrol(context, launch, person)
            else:
                _teach(context, launch.part, person)
        record(
            organisation_id=organisation_id,
            actor=Actor("person", person.pk, ",".join(sorted(roles))),
            action="tutor.lti_launched",
            object=Ref("course", context.course_id) if context is not None else None,
            digests={"platform": launch.platform_id, "part": launch.part},
        )
        return context


def connect_class(principal: Principal, launch: Launch, course_id: UUID | None) -> LtiContext:
    """Connect a class with a course that the principal teaches, or with a new one.

    Raises:
        Course.DoesNotExist, PermissionDenied.
        CourseError: the launch was not a teacher's.
    """
    if launch.part != "teacher":
        raise CourseError("only a teacher of the class connects it")
    with acting_in(principal.organisation_id):
        if course_id is None:
            course = add_course(principal, {"name": launch.context_title or launch.context_id[:120]})
        else:
            course = course_for(principal, course_id, TEACHER)
        context = LtiContext.objects.create(
            organisation_id=principal.organisation_id,
            platform_id=launch.platform,
            deployment_id=launch.deployment_id,
            context_id=launch.context_id,
            course=course,
            memberships_url=launch.memberships_url,
        )
        _record(principal, context)
        return context


def connect_link(principal: Principal, context: LtiContext, launch: Launch, assignment_id: UUID | None) -> LtiLink:
    """Let a link open an assignment of the course, or the course.

    Raises:
        Course.DoesNotExist, PermissionDenied, Assignment.DoesNotExist.
    """
    with acting_in(principal.organisation_id):
        course_for(principal, context.course_id, TEACHER)
        chosen = _assignments(context).get(pk=assignment_id) if assignment_id is not None else None
        link = _save_link(context, launch, chosen)
        _record(principal, context)
        return link


def _assignments(context: LtiContext) -> QuerySet[Assignment]:
    return Assignment.objects.for_organisation(context.organisation_id).filter(course_id=context.course_id)


def _save_link(context: LtiContext, launch: Launch, assignment: Assignment | None) -> LtiLink:
    link, _is_new = LtiLink.objects.for_organisation(context.organisation_id).update_or_create(
        organisation_id=context.organisation_id,
        context=context,
        resource_link_id=launch.resource_link_id,
        defaults={"assignment": assignment, "line_item_url": launch.line_item_url},
    )
    link_found(link)
    return link


def _keep_services(context: LtiContext, launch: Launch) -> None:
    if launch.memberships_url and context.memberships_url != launch.memberships_url:
        context.memberships_url = launch.memberships_url
        context.save(update_fields=["memberships_url"])


def _enrol(context: LtiContext, launch: Launch, person: Person) -> None:
    of = context.organisation_id
    learner = _learner(of, launch, person)
    LtiLearner.objects.for_organisation(of).update_or_create(
        organisation_id=of,
        platform_id=launch.platform,
        digest=digest_of(launch.platform_id, launch.sub),
        defaults={"learner": learner, "sub": launch.sub},
    )
    place(system_principal(of), context.course, [(learner, Entry(learner.name))])


def _learner(organisation_id: UUID, launch: Launch, person: Person) -> Learner:
    """Return the learner that the person is, or one of a class list who has no account yet, or a new one."""
    own = Learner.objects.for_organisation(organisation_id).filter(person=person).first()
    if own is not None:
        return own
    listed = known_learner(organisation_id, launch)
    if listed is None and launch.email:
        listed = match(organisation_id, [(launch.email,)])[0]
    if listed is not None and listed.person_id is None:
        listed.person = person
        listed.save(update_fields=["person"])
        return listed
    learner = Learner(organisation_id=organisation_id, person=person, name=launch.name or person.name)
    # An address that stands for another learner already is not given to a second one.
    learner.email = launch.email if listed is None else ""
    learner.save(force_insert=True)
    return learner


def _teach(context: LtiContext, part: str, person: Person) -> None:
    rows = CourseStaff.objects.for_organisation(context.organisation_id)
    if rows.filter(course_id=context.course_id, person=person).exists():
        return
    rows.create(organisation_id=context.organisation_id, course_id=context.course_id, person=person, role=part)
    record(
        organisation_id=context.organisation_id,
        actor=system_principal(context.organisation_id).actor,
        action="tutor.staff_changed",
        object=Ref("course", context.course_id),
        digests={"person": str(person.pk), "role": part},
    )


def _record(principal: Principal, context: LtiContext) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.lti_class_connected",
        object=Ref("course", context.course_id),
        digests={"platform": str(context.platform_id)},
    )
