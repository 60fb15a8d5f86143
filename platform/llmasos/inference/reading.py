"""Models that read: ranking texts for a query, classifying, finding answers in texts, telling how likely a text is.

Each call is a run of its own kind in the worker that embeds. A key needs the scope "embed".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from llmasos.accounts.principals import Principal
from llmasos.inference import catalogue, kinds, permissions, streams, worker
from llmasos.inference.database import aoutside, outside
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.models import ModelTask
from llmasos.inference.outcomes import lost_event, reading_result
from llmasos.inference.payloads import check_texts, texts_digest, tokens_in
from llmasos.inference.submission import Submission, submit
from llmasos.inference.types import (
    AnswerSpan,
    Classification,
    Item,
    Label,
    ReadingResult,
    StreamEvent,
    TextScore,
    Usage,
)

if TYPE_CHECKING:
    from llmasos.inference.context import RunContext
    from llmasos.inference.engine.models import LoadedModel

DEADLINE_SECONDS = 60.0
LONGEST_QUESTION = 4_000


def register() -> None:
    """Make the kinds of runs startable. Called once, in ``AppConfig.ready``."""
    for task in (ModelTask.RERANK, ModelTask.CLASSIFY, ModelTask.ANSWER_SPAN, ModelTask.SCORE):
        kinds.register_kind(task.value, handle, engine="embed")


def rerank(principal: Principal, query: str, texts: Sequence[str], *, model: str = "") -> ReadingResult[float]:
    """How well each text fits the query, from 0 to 1. Raises an InferenceError, or PermissionDenied."""
    return _read(principal, _submission(principal, ModelTask.RERANK, texts, model, query=query), float)


async def arerank(principal: Principal, query: str, texts: Sequence[str], *, model: str = "") -> ReadingResult[float]:
    """`rerank` for coroutines."""
    submission = await aoutside(_submission, principal, ModelTask.RERANK, texts, model, query=query)
    return await _aread(principal, submission, float)


def classify(principal: Principal, texts: Sequence[str], *, model: str = "") -> ReadingResult[Classification]:
    """The labels of each text, or of spans in it. Raises an InferenceError, or PermissionDenied."""
    return _read(principal, _submission(principal, ModelTask.CLASSIFY, texts, model), _classification)


async def aclassify(principal: Principal, texts: Sequence[str], *, model: str = "") -> ReadingResult[Classification]:
    """`classify` for coroutines."""
    submission = await aoutside(_submission, principal, ModelTask.CLASSIFY, texts, model)
    return await _aread(principal, submission, _classification)


def answer_span(
    principal: Principal, question: str, texts: Sequence[str], *, model: str = ""
) -> ReadingResult[AnswerSpan]:
    """The words of each text that answer the question best. Raises an InferenceError, or PermissionDenied."""
    return _read(principal, _submission(principal, ModelTask.ANSWER_SPAN, texts, model, query=question), _span)


async def aanswer_span(
    principal: Principal, question: str, texts: Sequence[str], *, model: str = ""
) -> ReadingResult[AnswerSpan]:
    """`answer_span` for coroutines."""
    submission = await aoutside(_submission, principal, ModelTask.ANSWER_SPAN, texts, model, query=question)
    return await _aread(principal, submission, _span)


def score(principal: Principal, texts: Sequence[str], *, model: str = "") -> ReadingResult[TextScore]:
    """How likely a model finds each text. Raises an InferenceError, or PermissionDenied."""
    return _read(principal, _submission(principal, ModelTask.SCORE, texts, model), _text_score)


async def ascore(principal: Principal, texts: Sequence[str], *, model: str = "") -> ReadingResult[TextScore]:
    """`score` for coroutines."""
    submission = await aoutside(_submission, principal, ModelTask.SCORE, texts, model)
    return await _aread(principal, submission, _text_score)


def handle(context: RunContext) -> None:
    """Answer a run in the models worker."""
    payload = context.payload
    texts, query = list(payload["texts"]), str(payload["query"])
    with worker.engine().reader(str(payload["task"]), str(payload["model"])) as model:
        context.begin_model()
        items = _READERS[ModelTask(payload["task"])](model, query, texts)
    usage = Usage(prompt_tokens=tokens_in([*texts, *[query] * len(texts)]))
    digest = model.backend.info.digest
    context.finish(
        "done",
        {"items": items, "usage": usage.as_dict(), "model": model.name, "model_digest": digest},
        usage=usage,
        model=model.name,
        model_digest=digest,
        digests={"prompt": texts_digest([query, *texts])},
    )


_READERS: Mapping[ModelTask, Callable[[LoadedModel, str, list[str]], list[Any]]] = {
    ModelTask.RERANK: lambda model, query, texts: model.backend.rerank(query, texts),
    ModelTask.CLASSIFY: lambda model, _query, texts: [asdict(one) for one in model.backend.classify(texts)],
    ModelTask.ANSWER_SPAN: lambda model, query, texts: [asdict(one) for one in model.backend.answer_span(query, texts)],
    ModelTask.SCORE: lambda model, _query, texts: [asdict(one) for one in model.backend.score(texts)],
}


def _submission(
    principal: Principal, task: ModelTask, texts: Sequence[str], model: str, *, query: str = ""
) -> Submission:
    permissions.require_use(principal, "embed")
    check_texts(texts)
    if len(query) > LONGEST_QUESTION:
        raise InvalidRequest(f"a query has at most {LONGEST_QUESTION} characters")
    entry = catalogue.resolve(model, task=task, organisation_id=principal.organisation_id)
    return Submission(
        kind=task.value,
        engine="embed",
        payload={"task": task.value, "query": query, "texts": list(texts), "model": entry.name},
        model=entry.name,
        size=tokens_in([*texts, *[query] * len(texts)]),
        deadline_seconds=DEADLINE_SECONDS,
    )


def _read(principal: Principal, submission: Submission, item: Callable[[Any], Item]) -> ReadingResult[Item]:
    for last_try in (False, True):
        run_id = outside(submit, principal, submission)
        final = StreamEvent("", "failed")
        with closing(streams.read(run_id)) as events:
            for event in events:
                final = event
        if last_try or not lost_event(final):
            break
    return reading_result(run_id, final, item)


async def _aread(principal: Principal, submission: Submission, item: Callable[[Any], Item]) -> ReadingResult[Item]:
    for last_try in (False, True):
        run_id = await aoutside(submit, principal, submission)
        final = StreamEvent("", "failed")
        async with aclosing(streams.aread(run_id)) as events:
            async for event in events:
                final = event
        if last_try or not lost_event(final):
            break
    return reading_result(run_id, final, item)


def _classification(found: Mapping[str, Any]) -> Classification:
    return Classification(tuple(Label(**one) for one in found["labels"]), tuple(Label(**one) for one in found["spans"]))


def _span(found: Mapping[str, Any]) -> AnswerSpan:
    return AnswerSpan(**found)


def _text_score(found: Mapping[str, Any]) -> TextScore:
    return TextScore(**found)
