"""What each organisation has had of an engine, in tokens: whoever had least goes first."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


class Ledger:
    """Counts tokens by organisation; not safe for threads.

    Who comes back after a time without work starts level with those who are at work, neither ahead nor behind: idle
    time is no credit. Source: virtual token counters; Sheng et al., Fairness in Serving Large Language Models, 2024.
    """

    def __init__(self) -> None:
        self._spent: dict[UUID, float] = {}

    def spent(self, organisation_id: UUID) -> float:
        """Tokens that were charged to an organisation, with what it was lifted to."""
        return self._spent.get(organisation_id, 0.0)

    def arrive(self, organisation_id: UUID, present: Iterable[UUID]) -> None:
        """Lift one that had nothing here to the least of those ``present``; where none is, all begin anew."""
        others = [self.spent(one) for one in present]
        if not others:
            self._spent.clear()
        else:
            self._spent[organisation_id] = max(self.spent(organisation_id), min(others))

    def charge(self, organisation_id: UUID, tokens: float) -> None:
        """Count tokens; a negative number gives back what was estimated too high."""
        self._spent[organisation_id] = max(0.0, self.spent(organisation_id) + tokens)
