"""Labelled questions: reading them, and running them through the real path."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from llmasos.accounts.principals import Principal
from llmasos.answering.evidence import Signals
from llmasos.answering.services import start_answer
from llmasos.inference import streams
from llmasos.inference.types import Message, Priority

CONCURRENT = 8
DEADLINE_SECONDS = 600.0
ANSWERABLE, UNANSWERABLE = "answerable", "unanswerable"

Progress = Callable[[int, int], None]


class UnreadableCasesError(Exception):
    """The file is not one case a line; the message names the line."""


class CaseFailedError(Exception):
    """A case's run ended as failed; the message is its code."""


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    messages: tuple[Message, ...]
    answerability: str = ""
    relevant: tuple[str, ...] = ()
    reference: str = ""


@dataclass(slots=True)
class Outcome:
    """What one case's run showed."""

    case: Case
    decision: str = ""
    score: float = 0.0
    signals: Signals | None = None
    ranked: list[str] = field(default_factory=list)
    passages: list[dict[str, Any]] = field(default_factory=list)
    sentences: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    dropped: int = 0
    cut_short: str = ""


def read(path: Path) -> list[Case]:
    """Read lines {id, messages[], answerability, relevant[], reference}. Raises UnreadableCasesError."""
    cases: list[Case] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            messages = tuple(Message(str(one["role"]), str(one["content"])) for one in raw["messages"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableCasesError(f"line {number} is no case: {error}") from None
        if not messages or messages[-1].role != "user":
            raise UnreadableCasesError(f"line {number}: the last message is not the user's")
        cases.append(
            Case(
                id=str(raw.get("id", number)),
                messages=messages,
                answerability=str(raw.get("answerability", "")).lower(),
                relevant=tuple(str(one) for one in raw.get("relevant", ())),
                reference=str(raw.get("reference", "")),
            )
        )
    if not cases:
        raise UnreadableCasesError("the file holds no case")
    return cases


def run(
    principal: Principal,
    cases: Sequence[Case],
    *,
    collection_ids: Sequence[UUID],
    generate: bool,
    progress: Progress,
) -> list[Outcome]:
    """Answer every case as a visitor's question is answered, several at once; in the cases' order.

    Raises CaseFailedError, and what the model service raises.
    """
    done = 0
    counting = threading.Lock()

    def one(case: Case) -> Outcome:
        nonlocal done
        try:
            outcome = _answer(principal, case, collection_ids=collection_ids, generate=generate)
        finally:
            connection.close()
        with counting:
            done += 1
            progress(done, len(cases))
        return outcome

    with ThreadPoolExecutor(CONCURRENT, thread_name_prefix="cases") as pool:
        return list(pool.map(one, cases))


def _answer(principal: Principal, case: Case, *, collection_ids: Sequence[UUID], generate: bool) -> Outcome:
    run_id = start_answer(
        principal,
        collection_ids=collection_ids,
        messages=case.messages,
        generate=generate,
        explain=True,
        priority=Priority.BULK,
        deadline_seconds=DEADLINE_SECONDS,
    )
    outcome = Outcome(case)
    for event in streams.read(run_id):
        data = event.data
        if event.event == "evidence":
            outcome.decision, outcome.score = data["decision"], data["score"]
            outcome.signals = Signals(*data["signals"]) if data["signals"] else None
            outcome.ranked, outcome.passages = data["ranked"], data["passages"]
        elif event.event == "quote":
            outcome.sentences += [{"text": s["text"], "citations": [s["n"]], "quoted": True} for s in data["sentences"]]
        elif event.event == "sentence":
            outcome.sentences.append({"text": data["text"], "citations": data["citations"], "quoted": False})
        elif event.event in {"done", "abstained"}:
            outcome.text, outcome.dropped = data["text"], data["dropped"]
            outcome.cut_short = data["cut_short"]
        elif event.terminal:
            raise CaseFailedError(str(data.get("error", {}).get("code", event.event)))
    return outcome
