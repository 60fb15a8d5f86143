"""The support assistant over HTTP: answers that stand on passages of the organisation's knowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmasos.client.operations import AsyncResource, Operation, Resource, asks, awaiting, blocking
from llmasos.client.results import Message
from llmasos.client.transport import Call, prompt_messages, without_none


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer: `quoted` word for word, or written by the model and found in the passages it cites."""

    text: str
    citations: tuple[int, ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that an answer cites as [n]."""

    n: int
    title: str
    heading: str
    url: str
    text: str
    document_id: str
    chunk_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says, with the passages it stands on.

    `decision` is "answer", "clarify" (it asks back) or "abstain" (nothing in the knowledge supports an answer; `text`
    says so). `score` says how well the passages found fit, from 0 to 1. `cut_short` says why the model's own words are
    missing or incomplete, and `run` is the name of the answer in the log.
    """

    run: str
    decision: str
    text: str
    language: str
    score: float
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    cut_short: str
    model: str

    @property
    def answered(self) -> bool:
        return self.decision == "answer"


def _ask(
    question: str,
    *,
    collection: str | Sequence[str] | None = None,
    earlier: Sequence[Message | Mapping[str, str]] = (),
    language: str | None = None,
) -> Operation[Answer]:
    """Answer a question from one, several or all collections, each named by its name or its id.

    `earlier` is the conversation so far, oldest first, as turns of "user" and "assistant". `language` ("en",
    "zh-Hans") is for set phrases where the question itself shows none. The server keeps no conversation.
    """
    collections = [collection] if isinstance(collection, str) else collection
    body = {
        "question": question,
        "collections": None if collections is None else list(collections),
        "earlier": prompt_messages(earlier) if earlier else None,
        "language": language,
    }
    return asks(Call("POST", "/api/support/ask", without_none(body)), Answer)


class Support(Resource):
    """What `client.support` offers; the key needs the scope "search", and "generate" for the model's own words."""

    ask = blocking(_ask)


class AsyncSupport(AsyncResource):
    """`Support` for coroutines."""

    ask = awaiting(_ask)
