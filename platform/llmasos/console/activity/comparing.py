"""When somebody opened the data of far more people than their peers: a rule with its numbers, no score.

The limit is the peers' median plus three times their scaled median absolute deviation (Iglewicz and Hoaglin, How to
Detect and Handle Outliers, 1993): half of the peers may be odd before it moves. The person is not among the peers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

# The standard deviation that a normal distribution with this median absolute deviation would have.
SCALE = 1.4826
DEVIATIONS = 3
# Where nearly all peers open the same number, one more would stand out: so many more it has to be.
LEAST_MORE = 10
FEWEST_PEERS = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """One person's number beside those of the peers, and the limit that follows from theirs.

    ``limit`` is None where the peers are too few to compare with.
    """

    number: int
    peers: int
    median: float
    deviation: float
    limit: float | None

    @property
    def stands_out(self) -> bool:
        return self.limit is not None and self.number > self.limit


def compare(number: int, peers: Iterable[int]) -> Comparison:
    """Compare a person's number of people with the peers' numbers."""
    numbers = sorted(peers)
    if not numbers:
        return Comparison(number, 0, 0.0, 0.0, None)
    middle = float(median(numbers))
    deviation = float(median(abs(each - middle) for each in numbers))
    limit = middle + max(DEVIATIONS * SCALE * deviation, LEAST_MORE)
    return Comparison(number, len(numbers), middle, deviation, limit if len(numbers) >= FEWEST_PEERS else None)
