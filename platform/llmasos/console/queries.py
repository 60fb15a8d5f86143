"""The state of the installation, for people who run it. Nothing here reads anybody's text."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from redis import Redis, RedisError

State = Literal["good", "caution", "bad", "idle", "busy"]

PROBE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """One service that the platform stands on; ``milliseconds`` is one round trip."""

    key: str
    state: State
    version: str = ""
    milliseconds: float | None = None
    detail: str = ""


def database_service() -> Service:
    started = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
            version, size = cursor.fetchone()
    except DatabaseError:
        return Service("postgresql", "bad")
    elapsed = (time.perf_counter() - started) * 1000
    return Service("postgresql", "good", version.split()[0], elapsed, str(size))


def valkey_service() -> Service:
    started = time.perf_counter()
    try:
        with Redis.from_url(
            settings.VALKEY_URL, socket_timeout=PROBE_SECONDS, socket_connect_timeout=PROBE_SECONDS
        ) as client:
            server = client.info("server")
            memory = client.info("memory")
    except RedisError:
        return Service("valkey", "bad")
    elapsed = (time.perf_counter() - started) * 1000
    version = str(server.get("valkey_version") or server.get("redis_version", ""))
    return Service("valkey", "good", version, elapsed, str(memory.get("used_memory", "")))
