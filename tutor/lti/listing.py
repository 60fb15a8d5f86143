"""What a teacher sees of a course's platforms; that learners' scores are shown is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import Course, LtiContext, LtiLink, LtiScore
from tutor.permissions import TEACHER, course_for

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

State = LtiScore.State
_WHAT_TO_DO: Final[Mapping[str, StrPromise]] = {
    "address": _("The platform names an address that is not registered. Your administrator adds its host."),
    "refused": _(
        "The platform refused it. Look whether the learner and the activity are still there, then send again."
    ),
    "away": _("The platform cannot be reached. It is tried again by itself; later send again."),
    "unknown": _("The platform does not know this learner yet. Read the class list, then send again."),
    "no_points": _("The assignment gives no points."),
    "ambiguous": _("An address belongs to two learners here. Correct the class list, then read it again."),
}
_CHANGED: Final = _("Somebody changed this score on the platform. It stays so unless you overwrite it.")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A learner's score on its way, with what to do where it did not arrive."""

    name: str
    score: LtiScore
    advice: StrPromise | str


@dataclass(frozen=True, slots=True)
class LinkView:
    link: LtiLink
    rows: Sequence[ScoreRow]
    failed: int
    changed: int


@dataclass(frozen=True, slots=True)
class ClassView:
    context: LtiContext
    advice: StrPromise | str
    links: Sequence[LinkView]


@dataclass(frozen=True, slots=True)
class Connected:
    course: Course
    classes: Sequence[ClassView]


def connected(principal: Principal, course_id: UUID) -> Connected:
    """Return the platforms' classes that are this course. Inside ``acting_in``.

    Raises:
        Course.DoesNotExist, PermissionDenied: only teachers of the course see it.
    """
    course = course_for(principal, course_id, TEACHER)
    contexts = LtiContext.objects.for_organisation(principal.organisation_id).filter(course=course)
    classes = []
    count = 0
    for context in contexts.select_related("platform").order_by("platform__name", "context_id"):
        links = LtiLink.objects.for_organisation(principal.organisation_id).filter(context=context)
        shown = [_link(one) for one in links.exclude(assignment=None).select_related("assignment")]
        count += sum(len(one.rows) for one in shown)
        classes.append(ClassView(context, _WHAT_TO_DO.get(context.members_error, ""), shown))
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.lti_scores_listed",
        object=Ref("course", course.pk),
        digests={"count": count},
    )
    return Connected(course, classes)


def _link(link: LtiLink) -> LinkView:
    scores = LtiScore.objects.for_organisation(link.organisation_id).filter(link=link).select_related("learner")
    rows = [ScoreRow(one.learner.name, one, _advice(one)) for one in scores]
    states = [one.score.state for one in rows]
    return LinkView(
        link,
        sorted(rows, key=lambda row: (row.score.state in {State.SENT, State.TAKEN_BACK}, row.name)),
        states.count(State.FAILED),
        states.count(State.CHANGED),
    )


def _advice(score: LtiScore) -> StrPromise | str:
    return _CHANGED if score.state == State.CHANGED else _WHAT_TO_DO.get(score.error_code, "")
