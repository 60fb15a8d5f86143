"""Embedding runs that came through the queue: from a run's input to its sealed vectors."""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, Future

from llmasos.inference.engine.attempt import Attempt
from llmasos.inference.engine.embedding import Embedded, EmbeddingLane
from llmasos.inference.engine.queue import Admission
from llmasos.inference.lifecycle import Ending
from llmasos.inference.models import RunState
from llmasos.inference.payloads import texts_digest
from llmasos.inference.types import Usage


class EmbeddingWork:
    """Gives an attempt's texts to the lane and ends the attempt in `finishers` when they are done."""

    def __init__(self, lane: EmbeddingLane, finishers: Executor) -> None:
        self._lane = lane
        self._finishers = finishers

    def run(self, attempt: Attempt, admission: Admission) -> None:
        try:
            payload = attempt.envelope["payload"]
            future = self._lane.submit(
                payload["texts"],
                organisation_id=attempt.organisation_id,
                model=payload.get("model", ""),
                priority=admission.priority,
                created=admission.created,
                deadline=admission.deadline,
                stopped=lambda: attempt.ended or attempt.cancelled.is_set(),
                processed=attempt.spent.process,
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            attempt.fail_with(error)
            return
        future.add_done_callback(lambda done: self._finishers.submit(self._end, attempt, done))

    def _end(self, attempt: Attempt, done: Future[Embedded]) -> None:
        try:
            if attempt.ended:
                return
            if attempt.cancelled.is_set():
                attempt.finish_cancelled()
                return
            self._succeed(attempt, done.result())
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            attempt.fail_with(error)

    def _succeed(self, attempt: Attempt, embedded: Embedded) -> None:
        blob = embedded.vectors.tobytes()
        info = embedded.model.backend.info
        usage = Usage(
            prompt_tokens=embedded.tokens,
            queue_ms=attempt.queue_ms + embedded.wait_ms,
            prefill_ms=embedded.compute_ms,
        )
        ending = Ending(
            RunState.DONE,
            usage=usage,
            finish_reason="stop",
            model=embedded.model.name,
            model_digest=info.digest,
            shown=True,
            digests={
                "prompt": texts_digest(attempt.envelope["payload"]["texts"]),
                "output": hashlib.sha256(blob).hexdigest(),
            },
        )
        data = {
            "finish_reason": "stop",
            "usage": usage.as_dict(),
            "model": embedded.model.name,
            "model_digest": info.digest,
            "shape": list(embedded.vectors.shape),
        }
        attempt.finish(ending, data, blob=blob)
