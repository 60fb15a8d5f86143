"""What a run takes of its model while it is at work: the one rule of what an early end costs.

A run to which no model was set costs nothing, however long it waited. From then on its prompt counts, with the tokens
that the model says it processed, or the estimate with which the run was queued until it says something; and each piece
that was made counts as a token until the model has counted them. A model that fails or refuses before it made anything
has cost what it said, never an estimate.
"""

from __future__ import annotations

import time

from llmasos.inference.types import Usage


class Spent:
    """Counts for one attempt, whose ``estimate`` is the size of its prompt in tokens.

    Written by the thread that works, read by whoever ends the run meanwhile.
    """

    def __init__(self, estimate: int) -> None:
        self._estimate = estimate
        self._is_at_work = False
        self._has_failed = False
        self._processed = 0
        self._made = 0
        self._began = self._first = 0.0

    def begin(self) -> None:
        """The model is given the prompt now."""
        self._is_at_work = True
        self._began = time.perf_counter()

    def fail(self) -> None:
        """The model gave an error in place of an end."""
        self._has_failed = True

    def process(self, tokens: int) -> None:
        """So many more tokens of the prompt are processed."""
        self._processed += tokens

    def piece(self) -> None:
        """One more piece of the answer is made."""
        self._made += 1
        self._first = self._first or time.perf_counter()

    def count(self, *, prompt_tokens: int = 0, completion_tokens: int = 0) -> None:
        """The model says how many tokens there are by now; 0 where it does not say."""
        self._processed = prompt_tokens or self._processed
        self._made = completion_tokens or self._made

    @property
    def prompt_tokens(self) -> int:
        is_estimated = self._is_at_work and (self._made or not self._has_failed)
        return self._processed or (self._estimate if is_estimated else 0)

    @property
    def tokens(self) -> int:
        """Tokens of the prompt and of the answer so far."""
        return self.prompt_tokens + self._made

    def usage(self, *, queue_ms: float = 0.0, prefill_ms: float | None = None, decode_ms: float | None = None) -> Usage:
        """What to settle with, and times in milliseconds: the model's own, else by the clock until now."""
        read, wrote = self._times()
        return Usage(
            self.prompt_tokens,
            self._made,
            queue_ms,
            read if prefill_ms is None else prefill_ms,
            wrote if decode_ms is None else decode_ms,
        )

    def _times(self) -> tuple[float, float]:
        if not self._is_at_work:
            return 0.0, 0.0
        now = time.perf_counter()
        first = self._first or now
        return (first - self._began) * 1000, (now - first) * 1000
