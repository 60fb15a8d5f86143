"""Text generation: as many threads as the model has slots; the backend batches what runs at once."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from llmasos.inference.engine.attempt import Attempt
from llmasos.inference.engine.models import LoadedModel, LoadedModels
from llmasos.inference.errors import ModelUnavailable, RunSuperseded
from llmasos.inference.lifecycle import Ending
from llmasos.inference.models import RunState
from llmasos.inference.payloads import prompt_digest, request_of
from llmasos.inference.types import GenerationRequest, Usage


class GenerationWork:
    """Runs one attempt in the calling thread and ends it in `finishers`, which frees the slot sooner."""

    def __init__(self, models: LoadedModels, finishers: Executor) -> None:
        self.models = models
        self._finishers = finishers

    def run(self, attempt: Attempt, advance: Callable[[int], None]) -> None:
        """``advance`` hears, at the first piece and at each later one, how many tokens the run took until then."""
        try:
            self._generate(attempt, advance)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            attempt.fail_with(error)

    def _generate(self, attempt: Attempt, advance: Callable[[int], None]) -> None:
        payload = attempt.envelope["payload"]
        request = request_of(payload)
        with self.models.using(request.model) as model:
            self._generate_with(model, attempt, request, advance)

    def _generate_with(
        self, model: LoadedModel, attempt: Attempt, request: GenerationRequest, advance: Callable[[int], None]
    ) -> None:
        if not model.backend.is_local and not attempt.envelope["payload"].get("cleared"):
            # Whoever started the run went past the gate, or the model was exchanged behind it.
            raise ModelUnavailable("a prompt to an outside model must be de-identified first")
        stopped = threading.Event()
        pieces: list[str] = []
        logprobs: list[Mapping[str, Any]] = []

        def show(piece: str, write: Callable[[], None]) -> bool:
            # Asked for every token: cancellation, the deadline and being overtaken end it within one.
            if attempt.cancelled.is_set() or attempt.ended or attempt.seconds_left <= 0:
                stopped.set()
                return True
            if not piece:
                return False
            if not pieces and not attempt.wait_for_claim():
                stopped.set()
                return True
            pieces.append(piece)
            attempt.spent.piece()
            advance(attempt.spent.tokens)
            try:
                write()
            except RunSuperseded:
                stopped.set()
                return True
            return False

        def on_text(piece: str) -> bool:
            tokens = tuple(logprobs)
            if piece:
                logprobs.clear()
            return show(piece, lambda: attempt.writer.text(piece, logprobs=tokens))

        def on_detail(kind: str, rows: Sequence[Mapping[str, Any]]) -> bool:
            if kind == "logprobs":
                logprobs.extend(rows)
                return False
            if kind == "counted":
                attempt.spent.count(**rows[0])
                return False
            return show(json.dumps(rows), lambda: attempt.writer.emit(kind, {kind: list(rows)}))

        started = time.perf_counter()
        attempt.spent.begin()
        completion = model.backend.generate(request, on_text, owner=str(attempt.organisation_id), on_detail=on_detail)
        attempt.spent.count(prompt_tokens=completion.prompt_tokens, completion_tokens=completion.completion_tokens)
        usage = attempt.spent.usage(
            queue_ms=attempt.queue_ms,
            prefill_ms=completion.prefill_ms,
            decode_ms=completion.decode_ms or (time.perf_counter() - started) * 1000,
        )
        self._finishers.submit(
            self._end, attempt, model, usage, completion.finish_reason, "".join(pieces), stopped.is_set()
        )

    def _end(
        self,
        attempt: Attempt,
        model: LoadedModel,
        usage: Usage,
        reason: str,
        text: str,
        stopped: bool,  # noqa: FBT001
    ) -> None:
        try:
            if attempt.ended:
                return
            if attempt.cancelled.is_set():
                attempt.finish_cancelled()
            elif attempt.seconds_left <= 0:
                attempt.fail("deadline_exceeded", retryable=True)
            elif not stopped and attempt.wait_for_claim():
                self._succeed(attempt, model, usage, reason, text)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            attempt.fail_with(error)

    def _succeed(self, attempt: Attempt, model: LoadedModel, usage: Usage, reason: str, text: str) -> None:
        digest = model.backend.info.digest
        ending = Ending(
            RunState.DONE,
            usage=usage,
            finish_reason=reason,
            model=model.name,
            model_digest=digest,
            shown=attempt.writer.shown,
            digests={
                "prompt": prompt_digest(attempt.envelope["payload"]),
                "output": hashlib.sha256(text.encode()).hexdigest(),
            },
        )
        data = {"finish_reason": reason, "usage": usage.as_dict(), "model": model.name, "model_digest": digest}
        attempt.finish(ending, data)
