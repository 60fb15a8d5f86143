"""The engine's runs: the dial, the expected agreement, and what applying a new run would change."""

from __future__ import annotations

from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import queries as desk_queries
from tutor.desk import wording
from tutor.desk.charts import dial_curve, seed_curve
from tutor.desk.place import place_in, set_dial
from tutor.desk.views.overview import decides
from tutor.desk.views.refusals import known_only, say_and_go
from tutor.marking import queries, services
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import MarkingError, NotFoundError
from tutor.marking.types import RunDifference
from tutor.models import ProposalRun
from tutor.permissions import READERS
from tutor.templatetags.marking import points

PAGE = 50
TARGETS = (0.8, 0.85, 0.9, 0.95, 0.98)
TARGET = 0.95


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def dial(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Show agreement against review, and set from which confidence proposals may be confirmed together."""
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    if request.method == "POST":
        set_dial(request, question_id, _share(request.POST.get("threshold", "")))
        to = reverse("tutor:desk", args=[request.organisation.slug, question_id])
        return say_and_go(request, None, to=f"{to}?queue=review")
    target = _share(request.GET.get("target", "")) or TARGET
    measured = queries.dial(request.principal, question_id, target=target)
    chosen = place_in(request, question_id).threshold
    threshold = measured.threshold if chosen is None else chosen
    seeds = queries.seeds(request.principal, question_id)
    context = {
        "question": question,
        "dial": measured,
        "threshold": threshold,
        "chosen": chosen,
        "here": min(measured.steps, key=lambda one: abs(one.threshold - threshold), default=None),
        "curve": dial_curve(measured.steps, threshold=threshold),
        "seeds": seeds,
        "seed_curve": seed_curve(seeds.curve),
        "target": target,
        "targets": TARGETS,
    }
    return render(request, "tutor/desk/dial.html", context)


@require_safe
@member_view(*READERS)
@known_only
def runs(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """List the passes of the engine over a question."""
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    context = {
        "question": question,
        "page": Paginator(queries.runs(request.principal, question_id), PAGE).get_page(request.GET.get("page")),
        "reasons": dict(ProposalRun.Reason.choices),
    }
    return render(request, "tutor/desk/runs.html", context)


@require_safe
@member_view(*READERS)
@known_only
def difference(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Show what applying a run would change against the one that markers see."""
    run = _run(request, run_id)
    question = question_for(request.principal, run.question_id, *FIRST_MARKERS)
    applied = next((one for one in queries.runs(request.principal, question.pk) if one.applied), None)
    found = queries.run_difference(request.principal, applied.id if applied else None, run_id)
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
    ]


@require_POST
@member_view(*READERS)
@known_only
def apply_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    run = _run(request, run_id)
    refusal: MarkingError | None = None
    try:
        services.apply_run(request.principal, run_id)
    except MarkingError as error:
        refusal = error
    to = reverse("tutor:desk", args=[request.organisation.slug, run.question_id])
    return say_and_go(request, refusal, done=_("Markers see these proposals from now on. No mark was changed."), to=to)


def _run(request: MemberRequest, run_id: UUID) -> ProposalRun:
    found = ProposalRun.objects.for_organisation(request.organisation).filter(pk=run_id).first()
    if found is None:
        raise NotFoundError
    return found


def _share(text: str) -> float | None:
    """Return a number between 0 and 1 (a little above is allowed: nothing reaches it), or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.01 else None
