"""The views under /v1. They are coroutines: an open stream holds neither a thread nor a database connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import update_wrapper
from typing import Any, Concatenate, Literal, ParamSpec
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from llmasos.accounts.principals import Principal
from llmasos.api.access import NoKeyError, aadmitted
from llmasos.api.openai import replies
from llmasos.api.openai.errors import RefusedError, refusal_of, unauthorised
from llmasos.api.openai.keeping import asked_to_keep
from llmasos.api.openai.requests import TextCall, chat_call, completion_call, embedding_call, rerank_call
from llmasos.api.repeating import REPLAYED
from llmasos.inference import queries, reading, resuming, services
from llmasos.inference.database import aoutside
from llmasos.inference.errors import InferenceError, UnknownModel
from llmasos.inference.outcomes import raise_for
from llmasos.inference.types import StreamEvent

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
Handler = Callable[Concatenate[HttpRequest, Principal, P], Awaitable[HttpResponseBase]]
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]
_NO_RUN = UUID(int=0)


def endpoint(method: str, *, scope: str | None) -> Callable[[Handler[P]], View[P]]:
    """Make a view of a handler: method, key, scope and rate are checked, errors become OpenAI's body."""

    def decorate(handler: Handler[P]) -> View[P]:
        async def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                if request.method != method:
                    return _wrong_method(method)
                principal = await aadmitted(request, scope=scope)
                return await handler(request, principal, *args, **kwargs)
            except NoKeyError:
                return unauthorised(
                    _("No API key was sent. Send it in the header: Authorization: Bearer KEY.")
                ).response()
            except Exception as error:  # noqa: BLE001 - no client may get an HTML error page here
                return _refused(error)

        update_wrapper(view, handler)
        return csrf_exempt(view)

    return decorate


@endpoint("POST", scope="generate")
async def chat_completions(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """Answer a conversation, whole or as a stream."""
    return await _answer(request, principal, chat_call(request.body), "chat")


@endpoint("POST", scope="generate")
async def completions(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """Continue a text, whole or as a stream."""
    return await _answer(request, principal, completion_call(request.body), "text")


@endpoint("POST", scope="generate")
async def cancel(request: HttpRequest, principal: Principal, name: str) -> HttpResponseBase:
    """Stop the answer that is written under this id."""
    try:
        run_id = UUID(name.removeprefix("chatcmpl-").removeprefix("cmpl-"))
    except ValueError:
        raise RefusedError(_("This is no answer's id."), status=404, code="unknown_answer", param="id") from None
    try:
        is_cancelled = await aoutside(services.cancel, principal, run_id)
    except PermissionDenied:
        raise RefusedError(
            _("Another key asked for this answer, and only that one may stop it."),
            status=403,
            kind="permission_error",
            code="not_your_answer",
        ) from None
    return JsonResponse({"id": name, "object": "chat.completion.cancelled", "cancelled": is_cancelled})


@endpoint("POST", scope="embed")
async def embeddings(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """Return a vector for each text."""
    call = embedding_call(request.body)
    result = await services.aembed(principal, call.texts, model=call.model)
    own = result.vectors.shape[1]
    if call.dimensions > own:
        raise RefusedError(
            _("The model has %(own)d dimensions: ask for that many or fewer.") % {"own": own},
            code="invalid_value",
            param="dimensions",
        )
    # Thousands of numbers take a while to write down; others are served meanwhile.
    body = await asyncio.to_thread(replies.embeddings, result, as_base64=call.base64, dimensions=call.dimensions)
    return HttpResponse(body, content_type="application/json")


@endpoint("POST", scope="embed")
async def rerank(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """Say how well each text fits a query."""
    call = rerank_call(request.body)
    result = await reading.arerank(principal, call.query, call.texts, model=call.model)
    return JsonResponse(replies.ranking(result, call))


@endpoint("GET", scope=None)
async def models(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """List the catalogue."""
    views = await aoutside(queries.models)
    return JsonResponse({"object": "list", "data": [replies.model(view) for view in views]})


@endpoint("GET", scope=None)
async def model(request: HttpRequest, principal: Principal, name: str) -> HttpResponseBase:
    """Show one model of the catalogue."""
    for view in await aoutside(queries.models):
        if view.name == name:
            return JsonResponse(replies.model(view))
    raise UnknownModel


async def _answer(
    request: HttpRequest, principal: Principal, call: TextCall, kind: Literal["chat", "text"]
) -> HttpResponseBase:
    kept = asked_to_keep(request)
    if kept is None:
        begun = await services.abegin_chat(principal, call.request)
        form = replies.TextForm(kind, begun.model, call.include_usage)
        if not call.stream:
            return JsonResponse(form.whole(await services.agather_chat(principal, begun)))
        return await _streamed(services.aread_chat(principal, begun), form)
    found = await aoutside(
        resuming.attach, principal, call.request, kept.key, digest=kept.digest, is_resumed=kept.position > 0
    )
    form = replies.TextForm(kind, found.model, call.include_usage, created=int(found.created), number=found.run_id.hex)
    if call.stream:
        response = await _streamed(resuming.aread(principal, found), form, after=kept.position)
    else:
        response = JsonResponse(form.whole(await resuming.agather(principal, found)))
    if not found.is_new:
        response[REPLAYED] = "true"
    return response


async def _streamed(
    events: AsyncGenerator[StreamEvent], form: replies.TextForm, *, after: int | None = None
) -> HttpResponseBase:
    """Send a run's events as they come. `after` numbers them and leaves out so many."""
    # What is wrong before the first event still gets its own HTTP status.
    first = await anext(events)
    if first.terminal:
        raise_for(_NO_RUN, first)
    written = _written(first, events, form)
    response = StreamingHttpResponse(
        _joined(written) if after is None else _numbered(written, after),
        content_type="text/event-stream; charset=utf-8",
    )
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def _written(
    first: StreamEvent, events: AsyncGenerator[StreamEvent], form: replies.TextForm
) -> AsyncGenerator[list[bytes]]:
    """Write a run's events down as OpenAI's. A client that leaves closes this, and the run hears of it."""
    async with aclosing(events):
        try:
            yield form.opening() + _pieces(first, form)
            if first.terminal:
                return
            async for event in events:
                yield _pieces(event, form)
        except InferenceError as error:
            yield _failed(error)


async def _joined(written: AsyncGenerator[list[bytes]]) -> AsyncGenerator[bytes]:
    async with aclosing(written):
        async for pieces in written:
            yield b"".join(pieces)


async def _numbered(written: AsyncGenerator[list[bytes]], after: int) -> AsyncGenerator[bytes]:
    """Give each event its number as its id, and leave out those that the client has."""
    number = 0
    async with aclosing(written):
        async for pieces in written:
            numbered = []
            for piece in pieces:
                if piece == replies.KEEPALIVE:
                    numbered.append(piece)
                    continue
                number += 1
                if number > after:
                    numbered.append(b"id: %d\n" % number + piece)
            if numbered:
                yield b"".join(numbered)


def _pieces(event: StreamEvent, form: replies.TextForm) -> list[bytes]:
    if event.event == "token":
        return [form.piece(str(event.data["text"]), event.data.get("logprobs", ()))]
    if event.event == "tool_calls":
        return [form.calls(event.data["tool_calls"])]
    if event.terminal:
        raise_for(_NO_RUN, event)
        return form.closing(event.data)
    return [replies.KEEPALIVE]


def _failed(error: InferenceError) -> list[bytes]:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    return [replies.event(refusal.stream_body()), replies.DONE]


def _wrong_method(method: str) -> HttpResponse:
    response = RefusedError(
        _("This address takes %(method)s only.") % {"method": method}, status=405, code="method_not_allowed"
    ).response()
    response["Allow"] = method
    return response


def _refused(error: Exception) -> HttpResponse:
    refusal = refusal_of(error)
    if refusal is None:
        # Names the place, not the values: those may be what somebody wrote.
        logger.error("request failed", error=type(error).__name__, at=_place(error))
        refusal = RefusedError(
            _("The server failed on this request. Its log has the reason under the request's id."),
            status=500,
            kind="server_error",
            code="internal_error",
        )
    return refusal.response()


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
