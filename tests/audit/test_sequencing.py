from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, connections, transaction

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry, Position
from llmasos.audit.queries import log_state
from llmasos.audit.services import record, sequence_all, sequence_entries
from llmasos.audit.types import Actor
from llmasos.audit.verification import verify
from tests.audit.logs import fill

pytestmark = pytest.mark.usefixtures("committed_database")


def test_positions_follow_each_other_without_gap(organisation: Organisation) -> None:
    fill(organisation.pk, 5)
    fill(organisation.pk, 4)
    with acting_in(organisation):
        assert list(Position.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 10))


def test_the_state_tells_head_and_what_waits(organisation: Organisation) -> None:
    fill(organisation.pk, 3)
    fill(organisation.pk, 2, sequence=False)
    state = log_state(organisation.pk)
    with acting_in(organisation):
        head = Position.objects.get(seq=3)
    assert (state.entries, state.unsequenced, state.head_seq) == (3, 2, 3)
    assert state.head_hash == bytes(head.chain_hash).hex()


def test_each_organisation_has_its_own_numbers(organisation: Organisation, other_organisation: Organisation) -> None:
    fill(organisation.pk, 3, sequence=False)
    fill(other_organisation.pk, 2, sequence=False)
    assert sequence_all() == 5
    assert [log_state(one.pk).head_seq for one in (organisation, other_organisation)] == [3, 2]


def test_a_long_transaction_neither_stalls_the_sequencer_nor_loses_its_entry(organisation: Organisation) -> None:
    recorded, release = threading.Event(), threading.Event()

    def long_transaction() -> None:
        with acting_in(organisation):
            record(organisation_id=organisation.pk, actor=Actor("person"), action="audit.read")
            recorded.set()
            release.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(long_transaction)
        assert recorded.wait(20)
        fill(organisation.pk, 3)
        sequenced_meanwhile = log_state(organisation.pk).head_seq
        release.set()
        slow.result()
    sequence_entries(organisation.pk)
    assert (sequenced_meanwhile, log_state(organisation.pk).head_seq, verify(organisation.pk).ok) == (3, 4, True)


def test_concurrent_writers_rollbacks_and_sequencers_leave_no_gap_or_fork(organisation: Organisation) -> None:
    done = threading.Event()

    def write(seed: int) -> int:
        dice, committed = random.Random(seed), 0
        for _ in range(40):
            rolled_back = dice.random() < 0.1
            with acting_in(organisation):
                record(organisation_id=organisation.pk, actor=Actor("person"), action="audit.read")
                transaction.set_rollback(rolled_back)
            committed += not rolled_back
        connection.close()
        return committed

    def sequence() -> None:
        while not done.is_set():
            sequence_entries(organisation.pk, limit=7)
        connection.close()

    with ThreadPoolExecutor(11) as pool:
        sequencers = [pool.submit(sequence) for _ in range(3)]
        writers = [pool.submit(write, seed) for seed in range(8)]
        committed = sum(writer.result() for writer in writers)
        done.set()
        for sequencer in sequencers:
            sequencer.result()
    while sequence_entries(organisation.pk):
        pass
    found = verify(organisation.pk)
    assert (found.ok, found.entries, found.unsequenced) == (True, committed, 0)


def test_a_sequencer_that_dies_leaves_everything_to_the_next(organisation: Organisation) -> None:
    fill(organisation.pk, 4, sequence=False)
    with transaction.atomic():
        sequence_entries(organisation.pk)
        transaction.set_rollback(True)
    assert sequence_entries(organisation.pk) == 4
    assert verify(organisation.pk).ok


def test_only_one_sequencer_works_on_an_organisation(organisation: Organisation) -> None:
    fill(organisation.pk, 2, sequence=False)
    with transaction.atomic():
        sequence_entries(organisation.pk, limit=1)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_sequence_elsewhere, organisation).result() == 0
    assert sequence_entries(organisation.pk) == 1


@pytest.mark.parametrize("seq", [1, 3])
def test_the_database_denies_a_fork_and_a_gap(organisation: Organisation, seq: int) -> None:
    fill(organisation.pk, 1)
    (waiting,) = fill(organisation.pk, 1, sequence=False)
    with pytest.raises(DatabaseError, match=r"no_second|no_gap"), acting_in(organisation):
        Position.objects.create(
            entry=Entry.objects.get(pk=waiting),
            organisation_id=organisation.pk,
            seq=seq,
            previous_hash=b"p" * 32,
            leaf_hash=b"l" * 32,
            chain_hash=b"c" * 32,
            sequenced_at="2026-01-01T00:00:00Z",
        )


def _sequence_elsewhere(organisation: Organisation) -> int:
    try:
        return sequence_entries(organisation.pk)
    finally:
        connections.close_all()
