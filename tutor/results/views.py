"""Results for learners and guardians, and asking to have a mark looked at again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.marking import services as marking
from tutor.marking.errors import MarkingError, NotFoundError
from tutor.models import Submission
from tutor.permissions import GUARDIANS, LEARNERS
from tutor.results import queries

PAGE = 30
LONGEST_MESSAGE = 4_000


@require_safe
@member_view(*LEARNERS, *GUARDIANS)
def results(request: MemberRequest, submission_id: UUID) -> HttpResponse:
    try:
        found = queries.results_of(request.principal, submission_id)
    except Submission.DoesNotExist:
        raise Http404 from None
    context = {
        "results": found,
        "submission": found.submission,
        "assignment": found.submission.assignment,
        "longest": LONGEST_MESSAGE,
    }
    return render(request, "tutor/results/results.html", context)


@require_safe
@member_view(*GUARDIANS)
def childrens_results(request: MemberRequest) -> HttpResponse:
    page = Paginator(queries.childrens(request.principal), PAGE).get_page(request.GET.get("page"))
    return render(request, "tutor/results/childrens.html", {"page": page})


@require_POST
@member_view(*LEARNERS)
def ask_regrade(request: MemberRequest, submission_id: UUID, answer_id: UUID) -> HttpResponse:
    return _write(request, submission_id, _ask, answer_id, done=_("You asked. It will be looked at again."))


@require_POST
@member_view(*LEARNERS)
def reply_regrade(request: MemberRequest, submission_id: UUID, request_id: UUID) -> HttpResponse:
    return _write(request, submission_id, _reply, request_id, done=_("Your message was added."))


@require_POST
@member_view(*LEARNERS)
def take_back_regrade(request: MemberRequest, submission_id: UUID, request_id: UUID) -> HttpResponse:
    return _write(request, submission_id, _take_back, request_id, done=_("Your request was taken back."))


def _ask(request: MemberRequest, answer_id: UUID, text: str) -> None:
    if not text:
        raise MarkingError(_("Say what should be looked at again."))
    marking.open_regrade(request.principal, answer_id, text=text)


def _reply(request: MemberRequest, request_id: UUID, text: str) -> None:
    if not text:
        raise MarkingError(_("Write something first."))
    marking.reply_regrade(request.principal, request_id, text=text)


def _take_back(request: MemberRequest, request_id: UUID, _text: str) -> None:
    marking.take_back_regrade(request.principal, request_id)


def _write(
    request: MemberRequest,
    submission_id: UUID,
    act: Callable[[MemberRequest, UUID, str], None],
    key: UUID,
    *,
    done: str,
) -> HttpResponse:
    text = request.POST.get("text", "").strip()[:LONGEST_MESSAGE]
    try:
        act(request, key, text)
    except NotFoundError:
        raise Http404 from None
    except MarkingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("tutor:results", request.organisation.slug, submission_id)
