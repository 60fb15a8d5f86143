"""What every curator's page does with a content that it made."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clinical_assist.governance.versions import services
from clinical_assist.governance.versions.kinds import ContentError
from llmasos.accounts.permissions import MemberRequest


def proposed(request: MemberRequest, kind: str, content: str, note: str) -> HttpResponse:
    """Propose a content and lead to its page. Raises ContentError, for a note that is missing or too long too."""
    try:
        made = services.propose(request.principal, kind, content, note)
    except ValidationError as error:
        raise ContentError("; ".join(error.messages)) from error
    messages.success(request, _("Version %(number)s is proposed. Somebody else reviews it.") % {"number": made.number})
    return redirect("clinical_assist:version", request.organisation.slug, made.pk)
