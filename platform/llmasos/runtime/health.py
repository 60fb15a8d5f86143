"""Whether the services answer: the database, Valkey, and every queue through a real task."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, field

from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from llmasos.celery import app
from llmasos.inference.valkey import client, impatient
from llmasos.runtime.components import LONG_QUEUES, QUEUES

CANARY_TASK = "runtime.canary"
_CANARY_SECONDS = 1.5
_CANARY_EXPIRES_SECONDS = 5
_INSPECT_SECONDS = 0.5
# However often readiness is asked for, canaries are sent no faster than this.
_FRESH_SECONDS = 1.0


@dataclass(frozen=True)
class Health:
    """What answered, and how long it took in milliseconds."""

    database: bool
    valkey: bool
    queues: dict[str, bool] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether everything answered."""
        return self.database and self.valkey and bool(self.queues) and all(self.queues.values())

    def as_json(self) -> dict[str, object]:
        """Return what the health page shows."""
        return {"status": "ready" if self.ready else "waiting", **asdict(self)}


_lock = threading.Lock()
_latest: tuple[float, Health] | None = None


def canary_key(nonce: str) -> str:
    """Return the list that canaries of ``nonce`` answer to."""
    return f"llmasos:canary:{nonce}"


def measure() -> Health:
    """Return the present health, a second old at most."""
    global _latest
    with _lock:
        if _latest is None or time.monotonic() - _latest[0] > _FRESH_SECONDS:
            found = _measure()
            _latest = (time.monotonic(), found)
        return _latest[1]


def _measure() -> Health:
    milliseconds: dict[str, float] = {}
    began = time.perf_counter()
    database = _database_answers()
    milliseconds["database"] = _since(began)
    began = time.perf_counter()
    try:
        # Whoever asks may wait less long than a connection does.
        with impatient():
            client().ping()
    except (RedisError, OSError):
        return Health(database=database, valkey=False, queues=dict.fromkeys(QUEUES, False), milliseconds=milliseconds)
    milliseconds["valkey"] = _since(began)
    queues = _queues_that_answer(milliseconds)
    return Health(database=database, valkey=True, queues=queues, milliseconds=milliseconds)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, OSError):
        connection.close()
        return False
    return True


def _queues_that_answer(milliseconds: dict[str, float]) -> dict[str, bool]:
    nonce = f"{time.time_ns():x}"
    answered = dict.fromkeys(QUEUES, False)
    began = time.perf_counter()
    try:
        with app.connection_for_write() as broker:
            for queue in QUEUES:
                app.send_task(
                    CANARY_TASK,
                    (nonce, queue),
                    queue=queue,
                    expires=_CANARY_EXPIRES_SECONDS,
                    connection=broker,
                    retry=False,
                )
        while not all(answered.values()):
            # Less than the shared connection's own limit of 12 seconds, after which it would raise.
            left = _CANARY_SECONDS - (time.perf_counter() - began)
            # Valkey takes a timeout of nought for "for ever".
            found = client().blpop([canary_key(nonce)], timeout=left) if left > 0.01 else None
            if found is None:
                break
            reply = found[1]
            queue = reply.decode() if isinstance(reply, bytes) else reply
            answered[queue] = True
            milliseconds[queue] = _since(began)
        if any(not answered[queue] for queue in LONG_QUEUES):
            answered |= dict.fromkeys(_busy_queues(), True)
    except (RedisError, OperationalError, OSError):
        return answered
    return answered


def _busy_queues() -> frozenset[str]:
    """Return the queues of long tasks whose worker lives: a canary waits there behind the work that fills it."""
    replies = app.control.inspect(timeout=_INSPECT_SECONDS).active_queues() or {}
    return LONG_QUEUES & {queue["name"] for queues in replies.values() for queue in queues}


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
