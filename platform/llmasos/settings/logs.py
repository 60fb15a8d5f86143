"""Logs carry events and ids, never what people wrote and not from where."""

from __future__ import annotations

import structlog

from llmasos.runtime.log_privacy import WithoutWords, without_words
from llmasos.runtime.request_log import with_request_id, without_visitor
from llmasos.settings.environment import PRODUCTION, env

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# The audit context judges an id that a request brings along; any other text stays out.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        without_visitor,
        with_request_id,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                without_words,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                (structlog.processors.JSONRenderer() if PRODUCTION else structlog.dev.ConsoleRenderer(colors=False)),
            ],
        }
    },
    "filters": {"without_words": {"()": WithoutWords}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_words"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LLMASOS_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # What it says of refused requests stands in the log of requests, and it spells secrets of addresses out.
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # The web server's own handler would print exceptions as they are, its access log addresses with their queries.
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": False},
    },
}
