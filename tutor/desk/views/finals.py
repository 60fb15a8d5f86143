"""The page of a final mark: what it stands on, and replacing it or taking it back for a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk.entered import LONGEST_FEEDBACK, read_levels, uuid_or_none
from tutor.desk.views.refusals import say_and_go
from tutor.marking import queries, services
from tutor.marking.access import DECIDERS, answer_for
from tutor.marking.errors import MarkingError
from tutor.marking.services.finals import Correction
from tutor.permissions import READERS
from tutor.refusals import known_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def final(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Show the final mark of an answer; POST replaces it, or with "back" takes it back."""
    answer_for(request.principal, answer_id, *DECIDERS)
    if request.method == "POST":
        return _change(request, answer_id)
    shown = queries.answer_view(request.principal, answer_id)
    held = shown.current
    if held is None or held.kind != "final":
        return redirect("tutor:desk_answer", request.organisation.slug, answer_id)
    levels = dict(held.levels)
    context: dict[str, Any] = {
        "shown": shown,
        "held": held,
        "others": [one for one in shown.history if one.id != held.id],
        "criteria": [
            (criterion, [(level, levels.get(criterion.id) == level.id) for level in criterion.levels])
            for criterion in (shown.rubric.criteria if shown.rubric else ())
        ],
        "reasons": Correction.choices,
    }
    return render(request, "tutor/desk/final.html", context)


def _change(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    takes_back = bool(request.POST.get("back"))
    told: dict[str, Any] = {
        "expected_mark_id": uuid_or_none(request.POST.get("expected_mark", "")),
        "reason": request.POST.get("reason", ""),
    }
    here = request.path
    try:
        if takes_back:
            services.take_back_final(request.principal, answer_id, **told)
        else:
            levels, points = read_levels(request.POST)
            feedback = request.POST.get("feedback", "").replace("\r\n", "\n").strip()[:LONGEST_FEEDBACK]
            services.replace_final(
                request.principal, answer_id, levels=levels, points=points, feedback=feedback, **told
            )
    except MarkingError as error:
        return say_and_go(request, error, to=here)
    done = _("The final mark was taken back.") if takes_back else _("The final mark was replaced.")
    desk = reverse("tutor:desk_answer", args=[request.organisation.slug, answer_id])
    hint = _("The learner sees what was released until you release again.")
    return say_and_go(request, None, done=f"{done} {hint}", to=f"{desk}?queue=all")
