"""The run kind "answer": evidence, quotation at once, checked sentences, one terminal event.

Runs in the embedding worker. Whatever happens to the model that writes, the quotation stays and the run ends.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from llmasos.answering import finding, phrases, prompt, registry, screening
from llmasos.answering.check import Checker, bare
from llmasos.answering.evidence import Decision
from llmasos.answering.finding import Found
from llmasos.answering.sentences import Splitter
from llmasos.answering.types import Answer, Evidence, FinishedRun, Passage, ShownSentence
from llmasos.answering.words import content_forms
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import catalogue
from llmasos.inference import services as inference
from llmasos.inference.errors import InferenceError, RunCancelled, RunSuperseded
from llmasos.inference.models import ModelTask
from llmasos.inference.types import GenerationRequest, Message, Priority

if TYPE_CHECKING:
    from llmasos.inference.context import RunContext

logger = logging.getLogger(__name__)

MAX_TOKENS = 80
MOST_SENTENCES = 3
# A model that keeps leaving its passages is not listened to any longer.
MOST_DROPPED = 2
# Kept for ending the run after the model's time is up.
ENDING_SECONDS = 3.0
STOP = ("</passage>", "<passage", "\nQuestion:", "\n问题:")


@dataclass(slots=True)
class _Shown:
    """What a run has shown so far."""

    sentences: list[ShownSentence] = field(default_factory=list)
    dropped: int = 0
    model: str = ""
    model_digest: str = ""
    prompt_digest: str = ""
    cut_short: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    """A run's payload, read."""

    messages: tuple[Message, ...]
    collection_ids: tuple[UUID, ...]
    language: str
    on_finished: str
    reference: str
    generate: bool
    explain: bool
    priority: Priority

    @classmethod
    def of(cls, payload: Any) -> _Order:
        messages = tuple(Message(one["role"], one["content"]) for one in payload["messages"])
        return cls(
            messages=messages,
            collection_ids=tuple(UUID(one) for one in payload["collections"]),
            language=phrases.language_of(messages[-1].content, fallback=payload.get("language", "")),
            on_finished=payload.get("on_finished", ""),
            reference=payload.get("reference", ""),
            generate=payload.get("generate", True),
            explain=payload.get("explain", False),
            priority=Priority(payload.get("priority", Priority.INTERACTIVE)),
        )


def answer(context: RunContext) -> None:
    """Handle one run of the kind "answer"."""
    order = _Order.of(context.payload)
    courtesy = phrases.courtesy(order.messages[-1].content)
    if courtesy is not None:
        _show_evidence(context, order, Evidence(Decision.ANSWER, 1.0, None, ()))
        text = phrases.reply_to_courtesy(courtesy, language=order.language)
        _finish(context, order, Answer("done", Decision.ANSWER, text, order.language, 1.0, courtesy=courtesy.value))
        return
    found = finding.find(context.principal, collection_ids=order.collection_ids, messages=order.messages)
    _show_evidence(context, order, found.evidence)
    if found.evidence.decision is not Decision.ANSWER:
        _finish(context, order, _declined(order, found.evidence))
        return
    shown = _Shown(sentences=list(found.quote))
    context.emit("quote", {"sentences": [{"text": s.text, "n": s.citations[0]} for s in found.quote]})
    if order.generate and not screening.is_order(order.messages[-1].content):
        try:
            _write(context, order, found, shown)
        except RunSuperseded:
            raise
        except RunCancelled:
            shown.cut_short = "cancelled"
        except InferenceError as error:
            shown.cut_short = error.code
        except Exception:
            # The quotation is on the reader's screen: a fault in what follows must not take it away.
            logger.exception("an answer's generation failed", extra={"run": str(context.run_id)})
            shown.cut_short = "engine_error"
    _finish(context, order, _answered(order, found.evidence, shown))


def joined(sentences: Sequence[ShownSentence]) -> str:
    """Return shown sentences as one text with their citation marks."""
    return "\n".join(s.text + "".join(f" [{n}]" for n in s.citations) for s in sentences)


def _write(context: RunContext, order: _Order, found: Found, shown: _Shown) -> None:
    """Let the model write and show each sentence that the check lets through."""
    passages = found.evidence.passages
    messages = _prompt(order, found)
    shown.prompt_digest = _digest(json.dumps([[m.role, m.content] for m in messages], ensure_ascii=False))
    request = GenerationRequest(
        messages=messages,
        max_tokens=MAX_TOKENS,
        stop=STOP,
        priority=order.priority,
        deadline_seconds=max(1.0, context.seconds_left - ENDING_SECONDS),
    )
    # A model that is stopped early does not say which one it was.
    entry = catalogue.resolve(request.model, task=ModelTask.GENERATE, organisation_id=context.organisation_id)
    shown.model, shown.model_digest = entry.name, entry.digest
    checker = Checker([passage.text for passage in passages])
    splitter = Splitter()
    written = 0
    # Where the model's worker is lost the quotation is the answer: nobody waits for another start.
    with closing(inference.stream_chat(context.principal, request, start_again=False)) as events:
        for event in events:
            if context.cancelled():
                raise RunCancelled("the run was cancelled", run_id=context.run_id)
            if event.event == "token":
                complete = splitter.feed(event.data["text"])
            elif event.terminal:
                shown.model = str(event.data.get("model") or shown.model)
                shown.model_digest = str(event.data.get("model_digest") or shown.model_digest)
                if event.event != "done":
                    shown.cut_short = str(event.data.get("error", {}).get("code", event.event))
                complete = splitter.close() if event.event == "done" else []
            else:
                continue
            for sentence in complete:
                written += _show_if_supported(context, checker, sentence, passages, shown)
                if written == MOST_SENTENCES or shown.dropped == MOST_DROPPED:
                    return


def _show_if_supported(
    context: RunContext, checker: Checker, sentence: str, passages: Sequence[Passage], shown: _Shown
) -> int:
    verdict = checker.check(sentence)
    text = bare(sentence)
    if not verdict.supported or verdict.passage is None:
        shown.dropped += 1
        return 0
    said = set(content_forms(text))
    if any(said <= set(content_forms(earlier.text)) for earlier in shown.sentences):
        # On the screen already, as a quotation or as a sentence.
        return 0
    n = passages[verdict.passage].n
    context.emit("sentence", {"text": text, "citations": [n]})
    shown.sentences.append(ShownSentence(text, (n,), quoted=False))
    return 1


def _prompt(order: _Order, found: Found) -> tuple[Message, ...]:
    sources = [
        prompt.Source(passage.n, passage.text, nearest)
        for passage, nearest in zip(found.evidence.passages, found.nearest, strict=False)
    ]
    earlier = [message.content for message in order.messages[:-1] if message.role == "user"]
    return prompt.build(
        order.messages[-1].content, sources, earlier=earlier[-1] if earlier else "", language=order.language
    )


def _show_evidence(context: RunContext, order: _Order, evidence: Evidence) -> None:
    data: dict[str, Any] = {
        "decision": evidence.decision.value,
        "score": round(evidence.score, 6),
        "language": order.language,
        "passages": [passage.as_dict() for passage in evidence.passages],
    }
    if order.explain:
        data["signals"] = evidence.signals.vector() if evidence.signals else None
        data["ranked"] = list(evidence.ranked)
    context.emit("evidence", data)


def _declined(order: _Order, evidence: Evidence) -> Answer:
    if evidence.decision is Decision.CLARIFY:
        text = phrases.which_one(evidence.subjects, language=order.language)
        return Answer("done", Decision.CLARIFY, text, order.language, evidence.score, passages=evidence.passages)
    if evidence.passages:
        text = phrases.nothing_found(language=order.language)
    else:
        text = phrases.unavailable_knowledge(language=order.language)
    return Answer("abstained", Decision.ABSTAIN, text, order.language, evidence.score, passages=evidence.passages)


def _answered(order: _Order, evidence: Evidence, shown: _Shown) -> Answer:
    return Answer(
        "cancelled" if shown.cut_short == "cancelled" else "done",
        Decision.ANSWER,
        joined(shown.sentences),
        order.language,
        evidence.score,
        sentences=tuple(shown.sentences),
        passages=evidence.passages,
        model=shown.model,
        model_digest=shown.model_digest,
        prompt_digest=shown.prompt_digest,
        dropped=shown.dropped,
        cut_short=shown.cut_short,
    )


def _finish(context: RunContext, order: _Order, given: Answer) -> None:
    """End the run: decision, stored message and terminal event in one transaction.

    A finisher that fails ends the run as failed, so that no answer is on a screen that is not in the record.
    """
    if context.cancelled() and given.event != "cancelled":
        given = replace(given, event="cancelled", cut_short="cancelled")
    finished = FinishedRun(
        id=context.run_id,
        organisation_id=context.organisation_id,
        reference=order.reference,
        principal_kind=context.principal.kind,
        principal_id=context.principal.id,
        collection_ids=order.collection_ids,
    )
    digests = decision_digests(given)

    def store() -> None:
        record(
            organisation_id=context.organisation_id,
            actor=context.principal.actor,
            action="answering.decision",
            object=Ref("run", context.run_id),
            digests=digests,
        )
        if order.on_finished:
            registry.finisher(order.on_finished)(finished, given)

    context.finish(given.event, given.as_dict(), within=store, model=given.model, model_digest=given.model_digest)


def decision_digests(given: Answer) -> dict[str, Any]:
    """Return what the log binds together: model, prompt, passages, decision and text, without any text."""
    return {
        "decision": given.decision,
        "event": given.event,
        "score_thousandths": round(given.score * 1000),
        "model": given.model_digest,
        "prompt": given.prompt_digest,
        "output": _digest(given.text),
        # PostgreSQL keeps these names in the order of the written form, so that verification can hash the entry there.
        "passages": [{"id": passage.chunk_id, "text": _digest(passage.text)} for passage in given.passages],
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
