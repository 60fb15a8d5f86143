"""The database, Valkey and the queues."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from llmasos.runtime import locations
from llmasos.settings.environment import PRODUCTION, VAR, env

CONNECTIONS = locations.connection_urls(VAR)


# Connections kept by a long-lived process (web, workers); a command opens one and closes it.
DATABASE_POOL: int = env.int("LLMASOS_DATABASE_POOL", 0)


def database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Turn a PostgreSQL URL into Django's settings."""
    parts: dict[str, Any] = conninfo_to_dict(url)
    options: dict[str, Any] = {
        name: value for name, value in parts.items() if name not in {"dbname", "user", "password", "host", "port"}
    }
    if pooled and DATABASE_POOL:
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}
    return {
        "ENGINE": "llmasos.runtime.database",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "OPTIONS": options,
    }


# `default` is the role that owns nothing and obeys row-level security; `owner` runs migrations alone.
DATABASES = {
    "default": database(CONNECTIONS.database, pooled=True),
    "owner": {**database(CONNECTIONS.owner, pooled=False), "TEST": {"MIRROR": "default"}},
}

VALKEY_URL = CONNECTIONS.redis
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY_URL,
        "KEY_PREFIX": "llmasos:cache",
    }
}

# Networks that are not public, in which addresses that administrators name (of published keys) may be asked.
PRIVATE_NETWORKS = [
    ip_network(one)
    for one in env.list("LLMASOS_PRIVATE_NETWORKS", default=[] if PRODUCTION else ["127.0.0.0/8", "::1/128"])
]

CELERY_BROKER_URL = CONNECTIONS.broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": "llmasos:celery:",
    # A models worker only admits runs, and a run whose message was lost is published again when its lease lapses:
    # noting each message in Valkey and striking it out again would cost every request two messages for nothing.
    "ack_emulation": not env.str("LLMASOS_ENGINE", ""),
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
