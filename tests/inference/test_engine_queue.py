from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pytest

from llmasos.inference.backends.base import Backend, BackendInfo
from llmasos.inference.engine.embedding import BATCH_TEXTS, CPU_BATCH_TOKENS, EmbeddingLane
from llmasos.inference.engine.models import LoadedModel
from llmasos.inference.engine.queue import AGEING_SECONDS, Admission, AdmissionQueue
from llmasos.inference.errors import Overloaded
from llmasos.inference.types import Priority

if TYPE_CHECKING:
    from llmasos.inference.types import Vectors


def admission(*, created: float = 0.0, priority: Priority = Priority.INTERACTIVE, deadline: float = 1e12) -> Admission:
    return Admission(uuid4(), uuid4(), "chat", int(priority), 1, created, deadline)


def test_interactive_work_goes_before_bulk_work() -> None:
    queue = AdmissionQueue(10)
    bulk, person = admission(priority=Priority.BULK), admission(created=5.0)
    queue.put(bulk)
    queue.put(person)
    assert [queue.take(timeout=0), queue.take(timeout=0)] == [person, bulk]


def test_bulk_work_that_has_waited_long_enough_goes_first() -> None:
    queue = AdmissionQueue(10)
    bulk, person = admission(priority=Priority.BULK), admission(created=AGEING_SECONDS + 1)
    queue.put(person)
    queue.put(bulk)
    assert queue.take(timeout=0) == bulk


def test_a_full_queue_refuses() -> None:
    queue = AdmissionQueue(1)
    queue.put(admission())
    with pytest.raises(Overloaded):
        queue.put(admission())


def test_the_same_run_waits_only_once() -> None:
    queue, run = AdmissionQueue(2), admission()
    queue.put(run)
    queue.put(run)
    assert queue.take(timeout=0) == run
    assert queue.take(timeout=0) is None


def test_a_removed_run_is_not_taken() -> None:
    queue, run = AdmissionQueue(2), admission()
    queue.put(run)
    assert queue.remove(run.run_id) == run
    assert queue.take(timeout=0) is None


def test_overdue_runs_are_taken_out() -> None:
    queue, late, good = AdmissionQueue(3), admission(deadline=1.0), admission()
    queue.put(late)
    queue.put(good)
    assert queue.overdue(2.0) == [late]
    assert queue.waiting() == [good]


class _Counting(Backend):
    """Remembers the micro-batches it was given."""

    info = BackendInfo(tasks=frozenset({"embed"}), digest="0" * 64, dimensions=1)

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[len(word) for word in text.split()] for text in texts]

    def embed_tokens(self, batch: Sequence[Sequence[int]]) -> Vectors:
        self.batches.append([len(tokens) for tokens in batch])
        return np.array([[len(tokens)] for tokens in batch], dtype=np.float32)

    def close(self) -> None:
        return None


class _OneModel:
    device = "cpu"

    def __init__(self, backend: Backend) -> None:
        self.model = LoadedModel("counting", backend, 0.0)

    def get(self, name: str = "") -> LoadedModel:
        return self.model


@pytest.fixture
def backend() -> _Counting:
    return _Counting()


@pytest.fixture
def lane(backend: _Counting) -> EmbeddingLane:
    return EmbeddingLane(_OneModel(backend))  # type: ignore[arg-type]


def test_micro_batches_keep_to_their_tokens(lane: EmbeddingLane, backend: _Counting) -> None:
    lengths = [1 + (number * 37) % 250 for number in range(500)]
    future = lane.submit(["w " * length for length in lengths])
    lane.start()
    assert future.result(timeout=10).vectors[:, 0].tolist() == lengths
    assert all(len(batch) <= BATCH_TEXTS for batch in backend.batches)
    assert all(max(batch) * len(batch) <= CPU_BATCH_TOKENS for batch in backend.batches)
    lane.close()


def test_texts_of_like_length_go_together(lane: EmbeddingLane, backend: _Counting) -> None:
    lane.submit(["w " * 4] * 20)
    future = lane.submit(["w " * 200] * 20)
    lane.start()
    future.result(timeout=10)
    assert all(max(batch) <= 4 * min(batch) for batch in backend.batches)
    lane.close()


def test_a_text_longer_than_a_batch_is_embedded_alone(lane: EmbeddingLane) -> None:
    future = lane.submit(["w " * (CPU_BATCH_TOKENS + 5), "w"])
    lane.start()
    assert future.result(timeout=10).vectors[:, 0].tolist() == [CPU_BATCH_TOKENS + 5, 1]
    lane.close()


def test_a_person_overtakes_bulk_texts(lane: EmbeddingLane, backend: _Counting) -> None:
    bulk = lane.submit(["w " * 8] * 1000, priority=Priority.BULK)
    person = lane.submit(["w " * 100])
    lane.start()
    person.result(timeout=10)
    assert backend.batches[0][0] == 100
    assert len(bulk.result(timeout=10).vectors) == 1000
    lane.close()
