"""What a log line says of an exception: its type and its places in the code, never its words.

The message of an exception and the variables of its frames hold what people wrote ("invalid literal: '...'",
"Key (email)=(...) already exists"). Neither reaches a log, an error page or a standard stream.
"""

from __future__ import annotations

import errno
import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

ExceptionTriple = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

# Loggers whose messages are the words of an exception or of a request, with what is said instead.
_WORDY = {
    "django.security": "a request was refused as suspicious",
    "django.request": "a request failed",
    "asyncio": "a coroutine failed",
    "concurrent.futures": "a call in a thread failed",
}
# What Celery says of a message that it cannot take repeats the message.
_CONSUMER = "celery.worker.consumer"
_CHAIN = 8


def description(error: BaseException) -> str:
    """Return the exception's type, its places and its causes, innermost call last."""
    return "\n".join(_lines(error))


def name_of(error: BaseException) -> str:
    """Return the exception's type with what is known to be harmless: an errno, an SQLSTATE, a constraint's name."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f"{name} [{errno.errorcode.get(error.errno, error.errno)}]"
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
        return f"{name} [{state}{f' {constraint}' if constraint else ''}]"
    return name


def without_words(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Put an event's exception into words of our own (a structlog processor, for events of every origin)."""
    error = _error_of(event.pop("exc_info", None))
    event.pop("stack_info", None)
    if error is not None:
        event["exception"] = description(error)
    for key, value in event.items():
        if isinstance(value, BaseException):
            event[key] = name_of(value)
    return event


class WithoutWords(logging.Filter):
    """Takes the words of exceptions and requests out of records that other packages log. Lets everything pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        substitute = next((said for name, said in _WORDY.items() if _is_below(record.name, name)), None)
        if substitute is not None and record.levelno >= logging.WARNING:
            suffix = record.name.removeprefix("django.security.")
            record.msg = substitute if suffix == record.name else f"{substitute} ({suffix})"
            record.args = ()
        elif _is_below(record.name, _CONSUMER) and "message" in str(record.msg):
            record.msg, record.args = "a message of the queue could not be taken", ()
        elif record.args:
            record.args = _without_exceptions(record.args, named=_error_of(record.exc_info))
        return True


def _is_below(logger: str, name: str) -> bool:
    return logger == name or logger.startswith(f"{name}.")


def _without_exceptions(arguments: Any, *, named: BaseException | None) -> Any:
    if isinstance(arguments, Mapping):
        # Celery formats the exception itself, under these names.
        worded = {"exc": name_of(named) if named is not None else "…", "traceback": "", "args": "…", "kwargs": "…"}
        return {key: worded.get(key, _argument(value)) for key, value in arguments.items()}
    return tuple(_argument(value) for value in arguments)


def _argument(value: Any) -> Any:
    return name_of(value) if isinstance(value, BaseException) else value


def _error_of(found: Any) -> BaseException | None:
    if isinstance(found, BaseException):
        return found
    if isinstance(found, tuple) and len(found) == 3:
        return found[1] if isinstance(found[1], BaseException) else None
    return sys.exc_info()[1] if found else None


def _lines(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    present: BaseException | None = error
    prefix = ""
    while present is not None and id(present) not in seen and len(seen) < _CHAIN:
        seen.add(id(present))
        yield prefix + name_of(present)
        for frame in traceback.extract_tb(present.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        if isinstance(present, BaseExceptionGroup):
            for inner in present.exceptions:
                yield f"  with {name_of(inner)}"
        prefix = "caused by " if present.__cause__ is not None else "while handling "
        present = present.__cause__ or (None if present.__suppress_context__ else present.__context__)


def watch_threads() -> None:
    """Have the ends of threads and of objects logged like everything else, where nobody else watches them."""
    logger = logging.getLogger("llmasos.runtime.threads")

    def thread_ended(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            logger.error("a thread ended with an exception", exc_info=arguments.exc_value)

    def not_raisable(arguments: Any) -> None:
        logger.error("an exception could not be raised", exc_info=arguments.exc_value)

    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = thread_ended
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = not_raisable
