"""Which slot of llama.cpp a prompt gets, and when: a step of the model is as long as the prompts in it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from os.path import commonprefix

GIVES_WAY_SECONDS = 2.0
"""How long a prompt gives way to others at most."""
ASKS_AGAIN_SECONDS = 0.1
"""How long after its only answer an organisation is expected to ask again, as programs do that ask in turn."""
COMPANY_SECONDS = 10.0
"""How long after another's prompt an organisation still makes room for one."""
LOOK_SECONDS = 0.05
WORTH_A_GAP = 256
"""So many letters of a prompt that need not be read again are worth a gap between the slots at work."""


@dataclass(frozen=True, slots=True)
class _Prompt:
    owner: str
    size: int
    is_first: bool
    had_turn: set[str]
    """Whose next prompt of several steps waits until this one is read."""


class Slots:
    """Chooses a slot for each prompt so that a cached prefix is used again only by its owner.

    How fast a prompt is processed would otherwise tell one organisation what another had sent. Of prompts that wait
    the server takes those of the first slots first: an organisation without a slot gets one before all prompts that
    are not read yet, where such a slot is free.

    What is at work in slots without a gap between them is one batch. Behind a gap a batch of its own begins, for which
    all weights are read once more: slots are taken side by side, from the last one on.

    Where a step takes ``step_tokens`` of prompts (0: as many as there are), whoever has no slot starts at once and
    finds the next step almost empty: who has one gives way while such a prompt is read, and just after the only answer
    of another, who may ask again; and each sends one prompt at a time, or more that fill half a step at most.
    A prompt that takes several steps fills them in any case, so that it gives no way to short ones and is given none:
    such prompts are read in turns, one of each organisation, whichever slots are free. An organisation that has been
    alone for a while makes no room: it would fill its steps less, for nobody.
    """

    def __init__(self, count: int, *, step_tokens: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._step_tokens = step_tokens
        self._clock = clock
        self._changed = threading.Condition()
        self._count = count
        self._free = list(range(count))
        self._last: dict[int, tuple[str, str]] = {}
        self._held: Counter[str] = Counter()
        self._reading: dict[int, _Prompt] = {}
        self._expected: tuple[str, float] = ("", -ASKS_AGAIN_SECONDS)
        self._came: dict[str, float] = {}

    def take(
        self, owner: str, text: str, *, size: int = 0, is_left: Callable[[], bool] = lambda: False
    ) -> tuple[int, bool] | None:
        """A slot, waited for if need be, and whether its cached prompt belongs to `owner`; None where nobody waits.

        ``size`` is the prompt's, about, in tokens.
        """
        started = self._clock()
        with self._changed:
            while (taken := self._offer(owner, text, size, self._clock() - started)) is None:
                self._changed.wait(LOOK_SECONDS)
                if is_left():
                    return None
            return taken

    def offer(self, owner: str, text: str, *, size: int = 0, waited: float = 0.0) -> tuple[int, bool] | None:
        """What `take` gives, without waiting; None where the prompt that ``waited`` so many seconds must wait on."""
        with self._changed:
            return self._offer(owner, text, size, waited)

    def _offer(self, owner: str, text: str, size: int, waited: float) -> tuple[int, bool] | None:
        if not self._free or not self._may_start(owner, size, waited):
            return None
        slot = max(self._free, key=lambda free: self._fitness(free, owner, text))
        self._free.remove(slot)
        self._reading[slot] = self._begun(owner, size)
        self._held[owner] += 1
        self._came[owner] = self._clock()
        return slot, self._last.get(slot, ("", ""))[0] == owner

    def read(self, slot: int) -> None:
        """Hears that the prompt in a slot is read: what comes now is its answer."""
        with self._changed:
            if self._reading.pop(slot, None):
                self._changed.notify_all()

    def give_back(self, slot: int, owner: str, text: str) -> None:
        with self._changed:
            self._reading.pop(slot, None)
            self._last[slot] = (owner, text)
            self._held[owner] -= 1
            if not self._held[owner]:
                self._expected = owner, self._clock()
            self._free.append(slot)
            self._changed.notify_all()

    def _may_start(self, owner: str, size: int, waited: float) -> bool:
        if not self._step_tokens or self._is_alone(owner):
            return True
        if self._is_long(size):
            # However long it waits: the model reads all the time, and in a slot it would go before those of others.
            return not any(owner in one.had_turn for one in self._reading.values())
        if not self._held[owner] or waited >= GIVES_WAY_SECONDS:
            return True
        if any(prompt.is_first for prompt in self._reading.values()) or self._expects_other(owner):
            return False
        own = sum(one.size for one in self._reading.values() if one.owner == owner and not self._is_long(one.size))
        return not own or own + size <= self._step_tokens // 2

    def _begun(self, owner: str, size: int) -> _Prompt:
        if not self._is_long(size):
            return _Prompt(owner, size, is_first=not self._held[owner], had_turn=set())
        # Of each organisation the one that is read next.
        places = sorted((place for place, one in self._reading.items() if self._is_long(one.size)), reverse=True)
        upcoming = {self._reading[place].owner: self._reading[place] for place in places}
        for one in upcoming.values():
            one.had_turn.add(owner)
        return _Prompt(owner, size, is_first=False, had_turn={owner, *upcoming})

    def _is_long(self, size: int) -> bool:
        return size >= self._step_tokens

    def _is_alone(self, owner: str) -> bool:
        since = self._clock() - COMPANY_SECONDS
        return not any(other != owner and (self._held[other] or came > since) for other, came in self._came.items())

    def _expects_other(self, owner: str) -> bool:
        expected, since = self._expected
        return owner != expected and self._clock() - since < ASKS_AGAIN_SECONDS

    def _fitness(self, slot: int, owner: str, text: str) -> tuple[int, bool, int, int, bool, int]:
        busy = set(range(self._count)).difference(self._free)
        goes_first = not self._held[owner] and slot < min(self._reading, default=self._count)
        beside = busy | {slot}
        batches = sum(one + 1 not in beside for one in beside)
        shared = self._shared_prefix(slot, owner, text)
        return shared // WORTH_A_GAP, goes_first, -batches, shared, slot not in self._last, slot

    def _shared_prefix(self, slot: int, owner: str, text: str) -> int:
        last_owner, last_text = self._last.get(slot, ("", ""))
        if last_owner != owner:
            return 0
        return len(commonprefix((last_text, text)))  # noqa: RUF071 - letters are meant, not parts of a path
