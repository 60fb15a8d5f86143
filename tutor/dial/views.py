"""The dial's page: what people's marks say, and the choice of how much to review."""

from __future__ import annotations

from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk.views.overview import decides
from tutor.desk.views.refusals import say_and_go
from tutor.dial import services
from tutor.dial.charts import HEIGHT, WIDTH, curve
from tutor.dial.queries import DialState, Step, dial_state
from tutor.marking.errors import DialChangedError, MarkingError
from tutor.permissions import READERS
from tutor.refusals import known_only
from tutor.templatetags.marking import percent


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def dial(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Show the dial of a question; POST sets it, or with "reset" goes back to the usual border."""
    if request.method == "POST":
        return _set(request, question_id)
    state = dial_state(request.principal, question_id)
    at = state.at
    context = {
        "question": state.question,
        "dial": state,
        "steps": [(number, one, says(one)) for number, one in enumerate(state.steps)],
        "at": at,
        "says": says(state.steps[at]) if state.steps else "",
        "in_force": _in_force(state),
        "by_share": curve(state.by_share),
        "by_marks": curve(state.by_marks),
        "width": WIDTH,
        "height": HEIGHT,
        "decides": decides(request.principal, state.question.assignment.course_id),
    }
    return render(request, "tutor/dial/dial.html", context)


def _set(request: MemberRequest, question_id: UUID) -> HttpResponse:
    refusal: MarkingError | None = None
    try:
        if request.POST.get("reset"):
            services.reset_dial(request.principal, question_id)
        else:
            services.set_dial(
                request.principal,
                question_id,
                step=_number(request.POST.get("step", "")),
                digest=request.POST.get("digest", ""),
            )
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, done=_("The queues follow the dial from now on."), to=request.path)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise DialChangedError
    return int(text)


def says(step: Step) -> str:
    """Say in a sentence what a place of the dial means."""
    if not step.confirm:
        return _("You review every answer. Nothing is confirmed without a look.")
    values = {"reviewed": percent(step.reviewed), "count": intcomma(step.confirm)}
    said = (
        ngettext(
            "You review at least %(reviewed)s. %(count)s answer is left to confirm.",
            "You review at least %(reviewed)s. %(count)s answers are left to confirm.",
            step.confirm,
        )
        % values
    )
    if step.agreement is not None:
        said += " " + _("Expected agreement on them: %(share)s (90 %% interval %(low)s to %(high)s).") % {
            "share": percent(step.agreement.value),
            "low": percent(step.agreement.low),
            "high": percent(step.agreement.high),
        }
    promise = _("Of all answers with a proposal, at least %(share)s end with the mark that you would give.")
    return f"{said} {promise % {'share': percent(step.promised)}}"


def _in_force(state: DialState) -> str:
    """Say which border holds now, and by whom."""
    share = percent(state.border)
    if state.chosen is None:
        return _("Nobody has set the dial. Proposals that are at least %(share)s sure are to be confirmed.") % {
            "share": share
        }
    name = state.chosen.chosen_by.name if state.chosen.chosen_by is not None else _("somebody who has left")
    if not state.confirm and state.border > 1:
        return _("Set by %(name)s: every proposal comes to review.") % {"name": name}
    return _("Set by %(name)s: proposals that are at least %(share)s sure are to be confirmed.") % {
        "name": name,
        "share": share,
    }
