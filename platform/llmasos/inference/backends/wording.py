"""From tokens to the text that may be shown: whole characters only, and nothing behind a stop sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# What a tokenizer writes for bytes that are no whole character yet.
_BROKEN = "�"


class TextOut:
    """Passes on the text of growing tokens, piece by piece; safe for one thread.

    ``decode`` turns token ids into text. Text that might be the beginning of a stop sequence waits until it is known
    not to be one.
    """

    def __init__(
        self, decode: Callable[[Sequence[int]], str], stops: Sequence[str], on_text: Callable[[str], bool]
    ) -> None:
        self._decode = decode
        self._stops = tuple(stop for stop in stops if stop)
        self._on_text = on_text
        self._tokens: list[int] = []
        # Only the latest tokens are decoded again: those before `_read` have been shown, those from `_prefix` give them
        # the surroundings that tokenizers need for spaces.
        self._prefix = self._read = 0
        self._held = ""
        self.reason = ""
        """Empty while text may come, else "stop" (a stop sequence) or "cancelled" (the reader wants no more)."""

    @property
    def tokens(self) -> int:
        """How many tokens were taken."""
        return len(self._tokens)

    def take(self, tokens: Sequence[int]) -> bool:
        """Take the next tokens; True when no more are wanted."""
        if not self.reason:
            self._tokens.extend(tokens)
            before = self._decode(self._tokens[self._prefix : self._read])
            now = self._decode(self._tokens[self._prefix :])
            if len(now) > len(before) and not now.endswith(_BROKEN):
                self._prefix, self._read = self._read, len(self._tokens)
                self._show(now[len(before) :])
        return bool(self.reason)

    def end(self) -> None:
        """Show what was held back."""
        if self.reason:
            return
        before = self._decode(self._tokens[self._prefix : self._read])
        self._held += self._decode(self._tokens[self._prefix :])[len(before) :]
        self._read = self._prefix = len(self._tokens)
        rest, self._held = self._held, ""
        if rest and self._on_text(rest):
            self.reason = "cancelled"

    def _show(self, piece: str) -> None:
        text = self._held + piece
        found = [place for place in (text.find(stop) for stop in self._stops) if place >= 0]
        if found:
            self.reason, self._held = "stop", ""
            if text[: min(found)]:
                self._on_text(text[: min(found)])
            return
        kept = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - kept :] if kept else ""
        shown = text[: len(text) - kept]
        if shown and self._on_text(shown):
            self.reason = "cancelled"


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of ``text`` are the beginning of ``stop``."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
