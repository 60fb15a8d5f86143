"""The download of one's own record."""

from __future__ import annotations

import tempfile

from django.http import FileResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.own_record.archive import write_archive
from tutor.permissions import LEARNERS

IN_MEMORY = 4 * 2**20


@require_POST
@member_view(*LEARNERS)
def own_record(request: MemberRequest) -> FileResponse:
    """Hand out everything of the signed-in learner as an archive."""
    content = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    write_archive(request.principal, request.organisation.name, content)
    content.seek(0)
    name = f"record-{timezone.localdate().isoformat()}.zip"
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")
    response["Cache-Control"] = "no-store"
    return response
