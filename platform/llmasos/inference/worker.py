"""The models worker: loads the engine that LLMASOS_ENGINE names before the process takes its first task."""

from __future__ import annotations

import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from celery import Celery, signals

from llmasos.inference.errors import ModelUnavailable

if TYPE_CHECKING:
    from llmasos.inference.engine.host import EngineHost

logger = logging.getLogger(__name__)

_engine: EngineHost | None = None


def connect(app: Celery) -> None:
    """Makes Celery's workers start and stop the engine. Called once, when Django is set up."""
    signals.worker_init.connect(_start, dispatch_uid="inference.start", weak=False)
    signals.worker_shutdown.connect(_stop, dispatch_uid="inference.stop", weak=False)


def start_engine(name: str) -> EngineHost:
    """Loads and starts an engine in this process. Raises ModelUnavailable or UnknownModel."""
    global _engine
    if _engine is not None:
        raise RuntimeError(f"this process runs the engine {_engine.engine} already")
    from llmasos.inference.engine.host import EngineHost

    # The interpreter changes threads each millisecond instead of five, so that a token that is ready
    # does not wait for a thread that counts.
    sys.setswitchinterval(0.001)
    host = EngineHost(name)
    host.start()
    # The loaded modules are never garbage: looking through them again and again would cost milliseconds.
    gc.collect()
    gc.freeze()
    # A model's forward pass takes the interpreter lock back after each of its operations. With the usual 5 ms it would
    # wait that long, again and again, for the threads that deliver tasks.
    sys.setswitchinterval(0.0005)
    _engine = host
    return host


def stop_engine() -> None:
    """Stops this process's engine; harmless without one."""
    global _engine
    if _engine is not None:
        host, _engine = _engine, None
        host.stop()


def engine() -> EngineHost:
    """This process's engine. Raises ModelUnavailable where it has none."""
    if _engine is None:
        raise ModelUnavailable("this process runs no engine")
    return _engine


def embedding_engine() -> EngineHost | None:
    """This process's engine if it embeds: then texts need no way through the queue."""
    return _engine if _engine is not None and _engine.embeds else None


def _start(**_: Any) -> None:
    name = os.environ.get("LLMASOS_ENGINE", "")
    if not name:
        return
    # One line a request would say nothing that the run's row does not.
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    host = start_engine(name)
    logger.info("the engine is ready", extra={"engine": host.engine, "worker": host.name})


def _stop(**_: Any) -> None:
    stop_engine()
