"""What new proposals would change, and showing them to markers."""

from __future__ import annotations

from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import queries as desk_queries
from tutor.desk import wording
from tutor.desk.views.overview import decides
from tutor.desk.views.refusals import say_and_go
from tutor.marking import queries, services
from tutor.marking.access import question_for
from tutor.marking.errors import MarkingError, NotFoundError
from tutor.marking.types import RunDifference
from tutor.models import ProposalRun
from tutor.permissions import READERS
from tutor.refusals import known_only
from tutor.templatetags.marking import points

PAGE = 50


@require_safe
@member_view(*READERS)
@known_only
def difference(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Show what applying a run would change against the one that markers see."""
    found = queries.run_difference(request.principal, run_id)
    question = question_for(request.principal, _question_of(request, run_id))
    page = Paginator(found.changes, PAGE).get_page(request.GET.get("page"))
    names = desk_queries.pseudonyms(request.principal, [one.answer_id for one in page.object_list])
    context = {
        "question": question,
        "difference": found,
        "page": page,
        "changes": [(one, names.get(one.answer_id, "")) for one in page.object_list],
        "decides": decides(request.principal, question.assignment.course_id),
        "figures": _figures(found),
        "failure": wording.of_failure(found.run_b.error_code) if found.run_b.state == "failed" else "",
    }
    return render(request, "tutor/desk/difference.html", context)


def _figures(found: RunDifference) -> list[tuple[str, str]]:
    return [
        (intcomma(found.same), _("stay the same")),
        (intcomma(found.raised), _("go up")),
        (intcomma(found.lowered), _("go down")),
        (intcomma(found.gained), _("get a proposal")),
        (intcomma(found.lost), _("lose theirs")),
        (f"{'+' if found.mean_change > 0 else ''}{points(found.mean_change)}", _("points on average")),
        (f"{intcomma(found.confirm_a)} → {intcomma(found.confirm_b)}", _("only to confirm")),
    ]


@require_POST
@member_view(*READERS)
@known_only
def apply_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Show the run's proposals from now on."""
    question_id = _question_of(request, run_id)
    refusal: MarkingError | None = None
    try:
        services.apply_run(request.principal, run_id)
    except MarkingError as error:
        refusal = error
    to = reverse("tutor:desk", args=[request.organisation.slug, question_id])
    return say_and_go(request, refusal, done=_("Markers see these proposals from now on. No mark was changed."), to=to)


def _question_of(request: MemberRequest, run_id: UUID) -> UUID:
    found = ProposalRun.objects.for_organisation(request.organisation).filter(pk=run_id).first()
    if found is None:
        raise NotFoundError
    return found.question_id
