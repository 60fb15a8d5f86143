"""Downloads for other systems."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.interchange.gradebook import LAYOUTS, gradebook
from tutor.marking.access import assignment_for
from tutor.permissions import READERS
from tutor.refusals import known_only


@require_POST
@member_view(*READERS)
@known_only
def download_gradebook(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Hand out the released points of an assignment in the chosen layout."""
    asked = request.POST.get("layout", "")
    layout = asked if asked in LAYOUTS else "common"
    text = gradebook(
        request.principal, assignment_id, layout=layout, decimal_comma=request.POST.get("decimal_comma") == "1"
    )
    title = assignment_for(request.principal, assignment_id).title
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(title)[:60] or "gradebook"}-{layout}.csv"'
    return response
