"""`bench audit`: what is recorded beside what is not, each in a transaction of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError
from django.db import connection

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.queries import log_state
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.measuring.figures import alternated, paired_added

WRITERS = 8
SECONDS = 5.0
"""How long a round lasts; the log's rate is of so many seconds without a break."""
PAIRS = 200
_PATIENCE = 120.0

Writer = subprocess.Popen[str]


def read(principal: Principal) -> None:
    """Do what the smallest request does: a transaction that reads a row of the organisation."""
    with acting_in(principal.organisation_id):
        Organisation.objects.filter(pk=principal.organisation_id).values_list("name").first()


def write(principal: Principal) -> None:
    """Record an entry of the usual size, in a transaction of its own unless one is open."""
    with acting_in(principal.organisation_id):
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="inference.log_measured",
            subject=Ref("measurement", uuid4()),
            object=Ref("measurement", uuid4()),
            purpose="measurement",
            digests={"model": "0" * 64, "prompt": "1" * 64, "passages": ["2" * 64] * 3},
        )


def bench_audit(
    principal: Principal, *, writers: int = WRITERS, seconds: float = SECONDS, pairs: int = PAIRS
) -> dict[str, Any]:
    """Entries a second of so many writing processes, how soon all have their place, and what one adds to a request.

    The peer's processes make requests that read and record nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        commits = str(cursor.fetchone()[0])
    if commits == "off":
        raise CommandError("synchronous_commit is off: the figures would be of entries that a power cut loses.")
    written: list[int] = []
    waits: list[float] = []
    with ExitStack() as stack:
        processes = [stack.enter_context(_writer(principal)) for _ in range(writers)]

        def ours(_: int) -> float:
            count, rate = _round(processes, audited=True, seconds=seconds)
            written.append(count)
            waits.append(_wait_for_places(principal))
            return rate

        def peer(_: int) -> float:
            return _round(processes, audited=False, seconds=seconds)[1]

        throughput = alternated(ours, peer)
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(pairs + 20):
        for side in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            with acting_in(principal.organisation_id):
                read(principal)
                if side == 0:
                    write(principal)
            if number >= 20:
                (mine, theirs)[side].append(time.perf_counter() - started)
    single = paired_added(mine, theirs)
    return {
        "benchmark": "audit",
        "peer": "requests without an entry",
        "writers": writers,
        "seconds": seconds,
        "synchronous_commit": commits,
        "entries": sum(written[1:]),
        "entries_per_second": round(throughput.ours, 1),
        "sequenced_within_s": round(max(waits[1:]), 2),
        "added_ms": single["added_ms"],
        "unit": "transactions/s",
        "throughput": throughput.as_dict(),
        "single": single,
    }


@contextmanager
def _writer(principal: Principal) -> Iterator[Writer]:
    command = [sys.executable, "-m", "llmasos.inference.measuring.audit_writer", str(principal.organisation_id)]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        # Leaving closes its input, which ends it.


def _round(writers: Sequence[Writer], *, audited: bool, seconds: float) -> tuple[int, float]:
    """Have all writers work at once; return how many requests they made, and their rate."""
    line = json.dumps({"audited": audited, "seconds": seconds}) + "\n"
    for writer in writers:
        _pipes(writer)[0].write("ready\n")
        _pipes(writer)[0].flush()
    for writer in writers:
        _answer(writer)
    for writer in writers:
        _pipes(writer)[0].write(line)
        _pipes(writer)[0].flush()
    done = [_answer(writer) for writer in writers]
    count = sum(made["requests"] for made in done)
    return int(count), count / max(made["seconds"] for made in done)


def _answer(writer: Writer) -> dict[str, Any]:
    line = _pipes(writer)[1].readline()
    if not line:
        raise CommandError("A writer ended before its time.")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _pipes(writer: Writer) -> tuple[Any, Any]:
    return writer.stdin, writer.stdout


def _wait_for_places(principal: Principal) -> float:
    """Return the seconds until every entry has its place, given by the running platform's sequencer."""
    started = time.perf_counter()
    while log_state(principal.organisation_id).unsequenced:
        if time.perf_counter() - started > _PATIENCE:
            raise CommandError("The entries get no places: is the platform running (make up)?")
        time.sleep(0.02)
    return time.perf_counter() - started
