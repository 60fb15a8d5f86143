"""The views under /v1. They are coroutines: an open stream holds neither a thread nor a database connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from llmasos.accounts.principals import Principal
from llmasos.api.access import NoKeyError, aprincipal_of, arequire_scope
from llmasos.api.limits import acount_request
from llmasos.api.openai import replies
from llmasos.api.openai.errors import RefusedError, refusal_of, unauthorised
from llmasos.api.openai.requests import TextCall, chat_call, completion_call, embedding_call
from llmasos.inference import catalogue, queries, services
from llmasos.inference.database import aoutside
from llmasos.inference.errors import InferenceError, UnknownModel
from llmasos.inference.models import ModelTask
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
                principal = await aprincipal_of(request)
                if scope is not None:
                    await arequire_scope(request, principal, scope)
                await acount_request(principal)
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
    call = chat_call(request.body)
    return await _answer(principal, call, await _form("chat", principal, call))


@endpoint("POST", scope="generate")
async def completions(request: HttpRequest, principal: Principal) -> HttpResponseBase:
    """Continue a text, whole or as a stream."""
    call = completion_call(request.body)
    return await _answer(principal, call, await _form("text", principal, call))


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


@csrf_exempt
async def not_found(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer every other address under /v1."""
    return RefusedError(_("There is nothing at this address."), status=404, code="unknown_url").response()


async def _form(kind: str, principal: Principal, call: TextCall) -> replies.TextForm:
    entry = await aoutside(
        catalogue.resolve, call.request.model, task=ModelTask.GENERATE, organisation_id=principal.organisation_id
    )
    return replies.TextForm(
        kind="chat" if kind == "chat" else "text", model=entry.name, include_usage=call.include_usage
    )


async def _answer(principal: Principal, call: TextCall, form: replies.TextForm) -> HttpResponseBase:
    if not call.stream:
        return JsonResponse(form.whole(await services.achat(principal, call.request)))
    events = services.astream_chat(principal, call.request)
    # What is wrong before the first event still gets its own HTTP status.
    first = await anext(events)
    if first.terminal:
        raise_for(_NO_RUN, first)
    response = StreamingHttpResponse(_stream(first, events, form), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def _stream(
    first: StreamEvent, events: AsyncGenerator[StreamEvent], form: replies.TextForm
) -> AsyncGenerator[bytes]:
    """Write a run's events down as OpenAI's. A client that leaves closes this, which cancels the run."""
    async with aclosing(events):
        try:
            yield form.opening() + _written(first, form)
            if first.terminal:
                return
            async for event in events:
                yield _written(event, form)
        except InferenceError as error:
            yield _failed(error)


def _written(event: StreamEvent, form: replies.TextForm) -> bytes:
    if event.event == "token":
        return form.piece(str(event.data["text"]))
    if event.terminal:
        raise_for(_NO_RUN, event)
        return form.closing(event.data)
    return replies.KEEPALIVE


def _failed(error: InferenceError) -> bytes:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    return replies.event(refusal.stream_body()) + replies.DONE


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
