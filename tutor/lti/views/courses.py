"""What of a course is connected with platforms: class lists in, scores out, and what to do where one was not taken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.jobs import AT_WORK
from tutor.lti import class_lists, listing
from tutor.lti import scores as services
from tutor.models import LtiContext, LtiLink
from tutor.permissions import READERS
from tutor.refusals import known_only


@require_safe
@member_view(*READERS)
@known_only
def course(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Show the connected classes, the state of their lists, and each score that is on its way."""
    found = listing.connected(request.principal, course_id)
    context: dict[str, Any] = {"found": found, "course": found.course, "at_work": AT_WORK}
    return render(request, "tutor/lti/course.html", context)


@require_POST
@member_view(*READERS)
@known_only
def members(request: MemberRequest, context_id: UUID) -> HttpResponse:
    """Have a class list read."""
    class_lists.ask(request.principal, context_id)
    context = LtiContext.objects.for_organisation(request.organisation).get(pk=context_id)
    messages.success(request, _("The class list is being read. Load this page again in a moment."))
    return redirect("tutor:lti_course", request.organisation.slug, context.course_id)


@require_POST
@member_view(*READERS)
@known_only
def scores(request: MemberRequest, link_id: UUID) -> HttpResponse:
    """Send scores again: those that were not taken, or over those that were changed on the platform."""
    count = services.send_again(request.principal, link_id, overwrite=request.POST.get("act") == "overwrite")
    said = ngettext("%(count)s score is on its way.", "%(count)s scores are on their way.", count)
    messages.success(request, said % {"count": count})
    link = LtiLink.objects.for_organisation(request.organisation).select_related("context").get(pk=link_id)
    return redirect("tutor:lti_course", request.organisation.slug, link.context.course_id)
