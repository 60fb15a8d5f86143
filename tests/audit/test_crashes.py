"""Thirty-two writers with rollbacks and several sequencers, in processes that are killed while they work."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.services import record, sequence_all, sequence_entries
from llmasos.audit.types import Actor
from llmasos.audit.verification import verify

# A longer run by hand: LLMASOS_CRASH_SECONDS=120.
SECONDS = float(os.environ.get("LLMASOS_CRASH_SECONDS", "3"))
PROCESSES, THREADS, SEQUENCERS = 4, 8, 3
FORK = multiprocessing.get_context("fork")


def _write(organisations: Sequence[UUID], report: Path) -> None:
    """Record without end on eight threads, and note each entry's fate when it is certain."""
    # One write of a short line is whole or absent, also when the process is killed.
    notes = os.open(report, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write() -> None:
        dice = random.Random(uuid4().int)
        while True:
            organisation_id = dice.choice(organisations)
            rolled_back = dice.random() < 0.1
            with acting_in(organisation_id):
                entry_id = record(organisation_id=organisation_id, actor=Actor("person"), action="audit.read")
                transaction.set_rollback(rolled_back)
            os.write(notes, f"{organisation_id} {entry_id} {'rolled_back' if rolled_back else 'committed'}\n".encode())

    for _ in range(THREADS):
        threading.Thread(target=write).start()


def _sequence(organisations: Sequence[UUID]) -> None:
    while True:
        for organisation_id in organisations:
            sequence_entries(organisation_id, limit=40)


def _start(work: Callable[..., None], *arguments: object) -> BaseProcess:
    connections.close_all()
    process = FORK.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def _kill(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.kill()
    for process in processes:
        process.join()


def _wait_for_servers() -> None:
    """Return when PostgreSQL has noticed that the killed processes are gone."""
    with connection.cursor() as cursor:
        left = True
        while left:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' AND usename = current_user"
            )
            (left,) = cursor.fetchone() or (0,)
            time.sleep(0.05)


@pytest.mark.usefixtures("committed_database")
def test_killed_writers_and_sequencers_leave_no_fork_gap_or_loss(
    organisation: Organisation, other_organisation: Organisation, tmp_path: Path
) -> None:
    organisations = [organisation.pk, other_organisation.pk]
    report = tmp_path / "fates"
    writers = [_start(_write, organisations, report) for _ in range(PROCESSES)]
    sequencers = [_start(_sequence, organisations) for _ in range(SEQUENCERS)]
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        time.sleep(0.4)
        for running, work in ((writers, (_write, organisations, report)), (sequencers, (_sequence, organisations))):
            _kill([running.pop(0)])
            running.append(_start(*work))
    _kill([*writers, *sequencers])
    _wait_for_servers()
    while sequence_all():
        pass

    fates = [line.split() for line in report.read_text(encoding="ascii").splitlines()]
    for organisation_id in organisations:
        found = verify(organisation_id)
        with acting_in(organisation_id):
            kept = {str(pk) for pk in Entry.objects.values_list("pk", flat=True)}
        told = {
            fate: {entry for owner, entry, its in fates if owner == str(organisation_id) and its == fate}
            for fate in ("committed", "rolled_back")
        }
        assert (found.faults, found.unsequenced, found.entries) == ((), 0, len(kept))
        assert told["committed"]
        assert told["committed"] <= kept
        assert told["rolled_back"].isdisjoint(kept)
