"""What a benchmark prints: medians of alternated rounds and of paired differences."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians of our path and of the peer over alternated rounds; `ratio` is ours by the peer's."""

    ours: float
    peer: float
    ratio: float
    ours_rounds: tuple[float, ...]
    peer_rounds: tuple[float, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "ours": round(self.ours, 3),
            "peer": round(self.peer, 3),
            "ratio": round(self.ratio, 3),
            "ours_rounds": [round(value, 3) for value in self.ours_rounds],
            "peer_rounds": [round(value, 3) for value in self.peer_rounds],
        }


def alternated(ours: Callable[[int], float], peer: Callable[[int], float], *, rounds: int = ROUNDS) -> Compared:
    """Runs both in turn, never at once, after one warm-up each; each call returns its rate or time."""
    ours(0)
    peer(0)
    measured: tuple[list[float], list[float]] = ([], [])
    for number in range(1, rounds + 1):
        # Who goes first changes each round, so that a slow drift of the machine favours neither.
        for side in (0, 1) if number % 2 else (1, 0):
            measured[side].append((ours, peer)[side](number))
    medians = [statistics.median(values) for values in measured]
    return Compared(medians[0], medians[1], medians[0] / medians[1], tuple(measured[0]), tuple(measured[1]))


def paired_added(ours: Sequence[float], peer: Sequence[float]) -> dict[str, float]:
    """Median milliseconds of both and of the difference within each pair."""
    differences = [(mine - theirs) * 1000 for mine, theirs in zip(ours, peer, strict=True)]
    return {
        "ours_ms": round(statistics.median(ours) * 1000, 2),
        "peer_ms": round(statistics.median(peer) * 1000, 2),
        "added_ms": round(statistics.median(differences), 2),
        "pairs": len(differences),
    }
