"""The widget's endpoints under /widget/<site key>/. No response sets a cookie."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from llmasos.accounts.tenancy import acting_in
from llmasos.inference import streams
from llmasos.inference.errors import InferenceError, Overloaded
from llmasos.inference.types import StreamEvent
from llmasos.inference.valkey import UNREACHABLE
from support_bot import queries, services
from support_bot.errors import MessageNotFoundError, NotAnAnswerError
from support_bot.models import Message
from support_bot.visitors import add_visitor
from support_bot.widget import limits, problems
from support_bot.widget.requests import (
    body_of,
    endpoint,
    language_of,
    method_not_allowed,
    open_visitor,
    opened_site,
    uuid_in,
)

T = TypeVar("T")
_STREAM_ID = re.compile(r"\d{1,20}(-\d{1,20})?")
# What the visitor may see of each event; the rest is for the platform.
_SHOWN_FIELDS = {
    "evidence": ("decision", "passages"),
    "quote": ("sentences",),
    "sentence": ("text", "citations"),
    "done": ("decision", "text"),
    "abstained": ("decision", "text"),
    "handed_over": ("decision", "text"),
    "cancelled": (),
    "failed": ("retryable",),
    "keepalive": (),
}
_SHOWN_PASSAGE = ("n", "title", "heading", "text", "url")


@endpoint("POST")
def session(request: HttpRequest, site_key: str) -> HttpResponse:
    """Make a visitor and hand over the token, once."""
    body_of(request)
    with opened_site(site_key) as site:
        limits.check_new_visitor(site_id=site.pk, address=request.META.get("REMOTE_ADDR", ""))
        _visitor, token = add_visitor(site)
    return JsonResponse({"token": token}, status=201)


@endpoint("POST")
def post_message(request: HttpRequest, site_key: str) -> HttpResponse:
    """Store a question once, then start its answer. Sending the same id again changes nothing."""
    body = body_of(request)
    client_id = uuid_in(body, "client_id")
    text = body.get("text")
    if not isinstance(text, str) or not (text := text.replace("\x00", "").strip()):
        raise problems.invalid(_("Write a question first."))
    if len(text) > services.TEXT_LIMIT:
        raise problems.ProblemError(413, "too_long", _("The message is too long."))
    with opened_site(site_key) as site:
        visitor = open_visitor(request, site)
        posted = services.find_posted(visitor, client_id)
        if posted is None:
            limits.check_message(site_id=site.pk, visitor_id=visitor.pk)
            posted = services.store_message(visitor, client_id=client_id, text=text, language=language_of(request))
    # The question is safe from here on, whatever becomes of the run.
    run_id = _start(posted.answer)
    return JsonResponse(
        {"message": {"id": str(posted.question.pk)}, "answer": {"id": str(posted.answer.pk), "run": str(run_id)}},
        status=201 if posted.created else 200,
    )


@endpoint("POST")
def retry(request: HttpRequest, site_key: str) -> HttpResponse:
    """Start the answer to a question again, after it failed or was stopped."""
    message_id = uuid_in(body_of(request), "message")
    with opened_site(site_key) as site:
        visitor = open_visitor(request, site)
        limits.check_message(site_id=site.pk, visitor_id=visitor.pk)
        answer = _asked(lambda: services.prepare_retry(visitor, message_id))
    run_id = _start(answer)
    return JsonResponse({"answer": {"id": str(answer.pk), "run": str(run_id)}})


@endpoint("POST")
def cancel(request: HttpRequest, site_key: str, run_id: UUID) -> HttpResponse:
    body_of(request)
    with opened_site(site_key) as site:
        visitor = open_visitor(request, site)
    _asked(lambda: services.cancel_answer(visitor, run_id))
    return HttpResponse(status=204)


@endpoint("POST")
def feedback(request: HttpRequest, site_key: str, message_id: UUID) -> HttpResponse:
    value = body_of(request).get("value")
    if value not in (-1, 0, 1) or isinstance(value, bool):
        raise problems.invalid(_("A rating is 1, 0 or -1."))
    with opened_site(site_key) as site:
        visitor = open_visitor(request, site)
        _asked(lambda: services.rate_answer(visitor, message_id, value))
    return HttpResponse(status=204)


@endpoint("GET")
def conversation(request: HttpRequest, site_key: str) -> HttpResponse:
    """What was said before, with the run to follow where an answer is not finished."""
    with opened_site(site_key) as site:
        visitor = open_visitor(request, site)
        services.settle_answers(visitor.organisation_id, visitor=visitor)
        messages = queries.history(visitor)
    return JsonResponse({"messages": [_message(message) for message in messages]})


@csrf_exempt
async def events(request: HttpRequest, site_key: str, run_id: UUID) -> HttpResponseBase:
    """Stream a run's events to its visitor, from ``Last-Event-ID`` on."""
    with translation.override(language_of(request)):
        if request.method != "GET":
            return method_not_allowed("GET")
        try:
            await sync_to_async(_authorise_run)(request, site_key, run_id)
        except problems.ProblemError as problem:
            return problem.response()
    last_id = request.headers.get("Last-Event-ID", "")
    response = StreamingHttpResponse(
        _server_sent(run_id, last_id if _STREAM_ID.fullmatch(last_id) else "0"),
        content_type="text/event-stream; charset=utf-8",
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _authorise_run(request: HttpRequest, site_key: str, run_id: UUID) -> None:
    """Check the visitor, then give the connection back: a stream lasts long and needs none."""
    try:
        with opened_site(site_key) as site:
            visitor = open_visitor(request, site)
            if not services.owns_run(visitor, run_id):
                raise problems.not_found()
    finally:
        if not connection.in_atomic_block:
            connection.close()


async def _server_sent(run_id: UUID, last_id: str) -> AsyncIterator[bytes]:
    async for event in streams.aread(run_id, last_id):
        if event.event in _SHOWN_FIELDS:
            yield _encoded(event)


def _encoded(event: StreamEvent) -> bytes:
    data = {name: event.data[name] for name in _SHOWN_FIELDS[event.event] if name in event.data}
    if "passages" in data:
        data["passages"] = [_passage(passage) for passage in data["passages"]]
    lines = [f"id: {event.id}"] if event.id else []
    lines += [f"event: {event.event}", f"data: {json.dumps(data, ensure_ascii=False)}"]
    return ("\n".join(lines) + "\n\n").encode()


def _passage(passage: dict[str, Any]) -> dict[str, Any]:
    return {name: passage.get(name) for name in _SHOWN_PASSAGE}


def _start(answer: Message) -> UUID:
    try:
        with acting_in(answer.organisation_id):
            return services.start_answer(answer)
    except Overloaded as error:
        raise problems.busy(error.retry_after) from error
    except (InferenceError, *UNREACHABLE) as error:
        raise problems.unavailable() from error


def _asked(action: Callable[[], T]) -> T:
    """Do what a visitor asked, with the errors of the service as problems."""
    try:
        return action()
    except MessageNotFoundError as error:
        raise problems.not_found() from error
    except NotAnAnswerError as error:
        raise problems.ProblemError(409, "not_possible", _("This is not possible for this message now.")) from error
    except (InferenceError, *UNREACHABLE) as error:
        raise problems.unavailable() from error


def _message(message: queries.ShownMessage) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "role": message.role,
        "text": message.text,
        "state": message.state,
        "decision": message.decision,
        "run": str(message.run_id) if message.run_id and message.state == Message.State.PENDING else None,
        "created": message.created_at.isoformat(),
        "feedback": message.feedback,
        "quote": message.quote,
        "sentences": message.sentences,
        "passages": [_passage(passage) for passage in message.passages],
    }
