"""How far an act is, said from outside its transaction."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from django.db import connections

from llmasos.accounts.tenancy import acting_in
from tutor import jobs
from tutor.models import BulkAct

EVERY_SECONDS: Final = 1.0


class StoppedError(Exception):
    """The act was stopped, or another worker has taken it up: nothing of it is to be kept."""


class Progress:
    """A :data:`tutor.jobs.Step` that is seen at once.

    Nothing of the act's own transaction shows before its end, so that this speaks over a connection of its own. Raises
    StoppedError from the step after which the act is no longer this worker's to do.
    """

    def __init__(self, act: BulkAct) -> None:
        self._act = act
        self._said = time.monotonic()
        self._aside = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aside.submit(connections.close_all).result()
        self._aside.shutdown()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said < EVERY_SECONDS:
            return
        self._said = now
        if not self._aside.submit(self._say, done, total).result():
            raise StoppedError

    def _say(self, done: int, total: int) -> bool:
        with acting_in(self._act.organisation_id):
            return jobs.beat(self._act, done=done, total=total)
