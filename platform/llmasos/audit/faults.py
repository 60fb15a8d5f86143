"""What verification finds, in words that its JSON carries too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "changed",
    "deleted",
    "inserted",
    "reordered",
    "cut_tail",
    "log_missing",
    "fork",
    "rebuilt",
    "payload_swapped",
    "clock_back",
    "checkpoint_missing",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch of an organisation's log that is not as it was written.

    ``since`` is when the last intact thing before it was written (UTC), so that everything later is suspect;
    empty where nothing intact is before it.
    """

    kind: FaultKind
    organisation: str
    from_seq: int
    to_seq: int
    since: str


def joined(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Join neighbours of one kind, and name each stretch once a kind."""
    current: dict[tuple[str, str], Fault] = {}
    for fault in sorted(faults, key=lambda one: (one.organisation, one.from_seq, one.to_seq, one.kind)):
        key = (fault.organisation, fault.kind)
        last = current.get(key)
        if last is not None and fault.from_seq <= last.to_seq + 1:
            current[key] = Fault(
                last.kind, last.organisation, last.from_seq, max(last.to_seq, fault.to_seq), last.since
            )
            continue
        if last is not None:
            yield last
        current[key] = fault
    yield from current.values()
