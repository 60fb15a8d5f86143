"""The page on which a learner answers. It saves as they type; without a script its buttons do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.models import Question, Submission
from tutor.permissions import LEARNERS
from tutor.work import queries, services, wording
from tutor.work.drafts import draft_key
from tutor.work.errors import ClosedError, ConflictError, HandedInError, InvalidAnswerError, WorkError
from tutor.work.rows import AnswerRow
from tutor.work.views.learners import learners_only
from tutor.work.writing import LONGEST_TEXT, Written, cleaned

_REVISION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody's words that stand in the database beside those that were just sent."""

    text: str
    choices: tuple[str, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*LEARNERS)
@learners_only
def attempt(request: MemberRequest, submission_id: UUID) -> HttpResponse:
    """Show the questions with what is written; a post stores all of it and, if so asked, goes on to handing in."""
    submission, rows = _attempt(request, submission_id)
    if submission.state == Submission.State.SUBMITTED:
        return redirect("tutor:work_receipt", request.organisation.slug, submission_id)
    if request.method != "POST":
        return _page(request, submission, [(row, None, "") for row in rows])
    shown = [_save_posted(request, submission, row) for row in rows]
    if any(conflict or refusal for _row, conflict, refusal in shown):
        return _page(request, submission, shown, status=409)
    if request.POST.get("then") == "hand_in":
        return redirect("tutor:work_hand_in", request.organisation.slug, submission_id)
    messages.success(request, _("Your answers are saved."))
    return redirect("tutor:work_attempt", request.organisation.slug, submission_id)


@require_POST
@member_view(*LEARNERS)
@learners_only
def save_answer(request: MemberRequest, submission_id: UUID, question_id: UUID) -> HttpResponse:
    """Store one answer: JSON ``{text, choices, revision}`` in, ``{revision, saved_at}`` or a problem's code out."""
    try:
        sent = json.loads(request.body)
        written = Written(str(sent["text"]), tuple(str(one) for one in sent.get("choices") or ()))
        expected = int(sent["revision"])
    except (ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError):
        return JsonResponse({"code": "malformed"}, status=400)
    try:
        saved = services.save_answer(request.principal, submission_id, question_id, written, expected_revision=expected)
    except (Submission.DoesNotExist, Question.DoesNotExist):
        return JsonResponse({"code": "unknown"}, status=404)
    except ConflictError as error:
        stored = {"text": error.stored.text, "choices": error.stored.choices}
        return JsonResponse(
            {"code": "conflict", "revision": error.revision, "saved_at": error.saved_at.isoformat(), **stored},
            status=409,
        )
    except (ClosedError, HandedInError) as error:
        code = "closed" if isinstance(error, ClosedError) else "handed_in"
        return JsonResponse({"code": code, "message": wording.of_error(error)}, status=410)
    except InvalidAnswerError as error:
        return JsonResponse({"code": error.code, "message": wording.of_error(error)}, status=422)
    return JsonResponse({"revision": saved.revision, "saved_at": saved.saved_at.isoformat()})


def _attempt(request: MemberRequest, submission_id: UUID) -> tuple[Submission, list[AnswerRow]]:
    try:
        return queries.attempt_of(request.principal, submission_id)
    except Submission.DoesNotExist:
        raise Http404 from None


def _save_posted(
    request: MemberRequest, submission: Submission, row: AnswerRow
) -> tuple[AnswerRow, Conflict | None, str]:
    """Store one answer of the whole form; return its row as sent, with what stands against it."""
    key = row.question.pk
    expected = request.POST.get(f"revision-{key}", "")
    if not _REVISION.fullmatch(expected):
        return row, None, ""
    written = _posted(request, row)
    sent = replace(
        row,
        text=written.text,
        options=tuple(replace(one, chosen=one.id in written.choices) for one in row.options),
    )
    try:
        services.save_answer(request.principal, submission.pk, key, written, expected_revision=int(expected))
    except ConflictError as error:
        conflict = Conflict(error.stored.text, error.stored.choices)
        return replace(sent, revision=error.revision, saved_at=error.saved_at), conflict, ""
    except WorkError as error:
        return sent, None, wording.of_error(error)
    return sent, None, ""


def _posted(request: HttpRequest, row: AnswerRow) -> Written:
    key, values = row.question.pk, request.POST
    if row.question.kind == Question.Kind.CHOICE:
        return Written("", tuple(values.getlist(f"choice-{key}")))
    if row.question.kind == Question.Kind.NUMERIC:
        parts = (values.get(f"text-{key}", "").strip(), values.get(f"unit-{key}", "").strip())
        return Written(cleaned(" ".join(part for part in parts if part)))
    return Written(cleaned(values.get(f"text-{key}", "")))


def _page(
    request: MemberRequest,
    submission: Submission,
    shown: list[tuple[AnswerRow, Conflict | None, str]],
    *,
    status: int = 200,
) -> HttpResponse:
    policy = queries.policy_for(submission)
    context: dict[str, Any] = {
        "submission": submission,
        "assignment": submission.assignment,
        "shown": shown,
        "policy": policy,
        "rules": wording.rules(policy),
        "longest": LONGEST_TEXT,
        "is_closed": _is_closed(submission),
        "draft_key": draft_key(submission),
        "several_attempts": submission.assignment.attempts_allowed > 1,
    }
    return render(request, "tutor/work/attempt.html", context, status=status)


def _is_closed(submission: Submission) -> bool:
    try:
        services.check_open(submission)
    except ClosedError:
        return True
    return False
