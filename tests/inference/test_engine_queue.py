from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmasos.inference.backends.base import Backend, BackendInfo
from llmasos.inference.engine.embedding import BATCH_TEXTS, CPU_BATCH_TOKENS, EmbeddingLane
from llmasos.inference.engine.models import LoadedModel
from llmasos.inference.engine.queue import AGEING_SECONDS, HEAD_START_TOKENS, Admission, AdmissionQueue
from llmasos.inference.errors import Overloaded
from llmasos.inference.types import Priority

if TYPE_CHECKING:
    from llmasos.inference.types import Vectors


def admission(
    *,
    created: float = 0.0,
    priority: Priority = Priority.INTERACTIVE,
    deadline: float = 1e12,
    of: UUID | None = None,
    size: int = 1,
) -> Admission:
    return Admission(uuid4(), of or uuid4(), "chat", int(priority), size, created, deadline)


FLOOD, LIGHT = uuid4(), uuid4()


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


def test_a_light_organisation_does_not_wait_behind_a_flood() -> None:
    queue = AdmissionQueue(200)
    for number in range(100):
        queue.put(admission(of=FLOOD, created=number))
    queue.put(admission(of=LIGHT, created=100))
    taken = [queue.take(timeout=0) for _ in range(2)]
    assert LIGHT in [one.organisation_id for one in taken if one]


def test_shares_are_counted_in_tokens_not_in_runs() -> None:
    queue = AdmissionQueue(200)
    for _ in range(50):
        queue.put(admission(of=FLOOD, size=10))
        queue.put(admission(of=LIGHT, size=1))
    taken = [one.organisation_id for one in (queue.take(timeout=0) for _ in range(33)) if one]
    assert taken.count(LIGHT) / taken.count(FLOOD) == pytest.approx(10, rel=0.2)


def test_what_a_run_really_took_is_charged_when_it_is_done() -> None:
    queue = AdmissionQueue(200)
    for _ in range(20):
        queue.put(admission(of=FLOOD))
        queue.put(admission(of=LIGHT))
    for _ in range(11):
        taken = queue.take(timeout=0)
        assert taken is not None
        queue.done(taken, tokens=10 if taken.organisation_id == FLOOD else 1)
    left = [one.organisation_id for one in queue.waiting()]
    assert left.count(FLOOD) >= 18
    assert left.count(LIGHT) <= 11


def test_idle_time_is_no_credit() -> None:
    queue = AdmissionQueue(200)
    for _ in range(60):
        queue.put(admission(of=FLOOD))
    for _ in range(40):
        queue.take(timeout=0)
    for _ in range(20):
        queue.put(admission(of=LIGHT))
    taken = [one.organisation_id for one in (queue.take(timeout=0) for _ in range(10)) if one]
    assert taken.count(FLOOD) == taken.count(LIGHT) == 5


def test_the_last_slot_is_kept_for_who_has_none() -> None:
    queue = AdmissionQueue(10, slots=3)
    for _ in range(3):
        queue.put(admission(of=FLOOD))
    held = [queue.take(timeout=0), queue.take(timeout=0)]
    assert queue.take(timeout=0) is None
    queue.put(admission(of=LIGHT))
    light = queue.take(timeout=0)
    assert light is not None
    assert light.organisation_id == LIGHT
    assert held[0] is not None
    queue.done(held[0])
    queue.done(light)
    assert queue.take(timeout=0) is not None


def test_of_many_slots_two_are_kept() -> None:
    queue = AdmissionQueue(30, slots=10)
    for _ in range(10):
        queue.put(admission(of=FLOOD))
    held = [queue.take(timeout=0) for _ in range(9)]
    assert (held[7] is None, held[8]) == (False, None)
    for organisation in (LIGHT, uuid4()):
        queue.put(admission(of=organisation))
        assert queue.take(timeout=0) is not None


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400), st.lists(st.integers(1, 400))), max_size=20))
def test_the_ledger_holds_what_runs_really_took(runs: list[tuple[bool, int, list[int]]]) -> None:
    queue, took = AdmissionQueue(100, slots=4, head_start=HEAD_START_TOKENS), {FLOOD: 0, LIGHT: 0}
    for organisation in took:
        queue.put(admission(of=organisation, size=0))
    held = [queue.take(timeout=0) for _ in took]
    assert None not in held
    for is_light, size, counts in runs:
        queue.put(admission(of=LIGHT if is_light else FLOOD, size=size))
        run = queue.take(timeout=0)
        assert run is not None
        for tokens in counts:
            queue.advance(run, tokens=tokens)
        queue.done(run, tokens=size + 1)
        took[run.organisation_id] += size + 1
    assert {one: queue._ledger.spent(one) for one in took} == took


def test_a_free_slot_goes_to_who_left_it_within_a_head_start() -> None:
    queue = AdmissionQueue(100, slots=4, head_start=50)
    for _ in range(9):
        queue.put(admission(of=FLOOD, size=10))
        queue.put(admission(of=LIGHT, size=10))
    held = [one for one in (queue.take(timeout=0) for _ in range(3)) if one]
    flood = next(one for one in held if one.organisation_id == FLOOD)
    went = []
    for _ in range(8):
        queue.done(flood, tokens=10)
        taken = queue.take(timeout=0)
        assert taken is not None
        went.append(taken.organisation_id)
        if taken.organisation_id == LIGHT:
            break
        flood = taken
    assert FLOOD in went
    assert went[-1] == LIGHT


def test_who_holds_nothing_goes_before_who_left_a_slot() -> None:
    queue = AdmissionQueue(100, head_start=50)
    for _ in range(3):
        queue.put(admission(of=FLOOD, size=10))
    first = queue.take(timeout=0)
    queue.take(timeout=0)
    queue.put(admission(of=LIGHT, created=1.0))
    assert first is not None
    queue.done(first, tokens=10)
    taken = queue.take(timeout=0)
    assert taken is not None
    assert taken.organisation_id == LIGHT


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(list(Priority)), st.integers(1, 50), st.booleans()), max_size=60
    )
)
def test_every_run_that_was_put_in_comes_out_once(steps: list[tuple[int, Priority, int, bool]]) -> None:
    organisations = [uuid4() for _ in range(4)]
    queue, put, out = AdmissionQueue(100, slots=3, head_start=20), list[UUID](), list[UUID]()
    for who, priority, size, takes in steps:
        run = admission(of=organisations[who], priority=priority, size=size)
        queue.put(run)
        put.append(run.run_id)
        if takes and (taken := queue.take(timeout=0)):
            out.append(taken.run_id)
            queue.done(taken, tokens=size)
    while taken := queue.take(timeout=0):
        out.append(taken.run_id)
        queue.done(taken)
    assert sorted(out) == sorted(put)


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

    def acquire(self, name: str = "") -> LoadedModel:
        self.model.users += 1
        return self.model

    def release(self, model: LoadedModel) -> None:
        model.users -= 1


@pytest.fixture
def backend() -> _Counting:
    return _Counting()


@pytest.fixture
def lane(backend: _Counting) -> EmbeddingLane:
    return EmbeddingLane(_OneModel(backend))  # type: ignore[arg-type]


def test_micro_batches_keep_to_their_tokens(lane: EmbeddingLane, backend: _Counting) -> None:
    lengths = [1 + (number * 37) % 250 for number in range(500)]
    future = lane.submit(["w " * length for length in lengths], organisation_id=FLOOD)
    lane.start()
    assert future.result(timeout=120).vectors[:, 0].tolist() == lengths
    assert all(len(batch) <= BATCH_TEXTS for batch in backend.batches)
    assert all(max(batch) * len(batch) <= CPU_BATCH_TOKENS for batch in backend.batches)
    lane.close()


def test_texts_of_like_length_go_together(lane: EmbeddingLane, backend: _Counting) -> None:
    lane.submit(["w " * 4] * 20, organisation_id=FLOOD)
    future = lane.submit(["w " * 200] * 20, organisation_id=FLOOD)
    lane.start()
    future.result(timeout=120)
    assert all(max(batch) <= 4 * min(batch) for batch in backend.batches)
    lane.close()


def test_a_text_longer_than_a_batch_is_embedded_alone(lane: EmbeddingLane) -> None:
    future = lane.submit(["w " * (CPU_BATCH_TOKENS + 5), "w"], organisation_id=FLOOD)
    lane.start()
    assert future.result(timeout=120).vectors[:, 0].tolist() == [CPU_BATCH_TOKENS + 5, 1]
    lane.close()


def test_a_person_overtakes_bulk_texts(lane: EmbeddingLane, backend: _Counting) -> None:
    bulk = lane.submit(["w " * 8] * 1000, organisation_id=FLOOD, priority=Priority.BULK)
    person = lane.submit(["w " * 100], organisation_id=FLOOD)
    lane.start()
    person.result(timeout=120)
    assert backend.batches[0][0] == 100
    assert len(bulk.result(timeout=120).vectors) == 1000
    lane.close()


def test_texts_of_a_light_organisation_do_not_wait_for_a_flood(lane: EmbeddingLane, backend: _Counting) -> None:
    flood = [lane.submit(["w " * 16] * BATCH_TEXTS, organisation_id=FLOOD) for _ in range(20)]
    light = lane.submit(["w " * 100], organisation_id=LIGHT)
    lane.start()
    light.result(timeout=120)
    assert [100] in backend.batches[:3]
    for future in flood:
        future.result(timeout=120)
    lane.close()
