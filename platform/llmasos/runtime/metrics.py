"""What Prometheus scrapes: this process, the queues, the services, the disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import cast

from django.db import DatabaseError
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from llmasos.inference.queries import QueueDepth, queue_depths
from llmasos.inference.types import Priority
from llmasos.inference.valkey import client
from llmasos.runtime import health, locations
from llmasos.runtime.queues import waiting

CONTENT_TYPE = CONTENT_TYPE_LATEST


class PlatformCollector(Collector):
    """Asks the services at each scrape; nothing is counted between scrapes."""

    def collect(self) -> Iterable[Metric]:
        """Yield the platform's gauges."""
        found = health.measure()
        up = GaugeMetricFamily("llmasos_up", "1 where the service answers", labels=["service"])
        answers = {"database": found.database, "valkey": found.valkey, **found.queues}
        for service, answered in answers.items():
            up.add_metric([service], float(answered))
        yield up
        latency = GaugeMetricFamily("llmasos_probe_seconds", "how long the probe took", labels=["service"])
        for service, milliseconds in found.milliseconds.items():
            latency.add_metric([service], milliseconds / 1000)
        yield latency
        queued = GaugeMetricFamily("llmasos_queue_tasks", "tasks that wait in the queue", labels=["queue"])
        for queue, count in waiting().items():
            queued.add_metric([queue], count)
        yield queued
        by_state = ["engine", "priority", "state"]
        runs = GaugeMetricFamily("llmasos_runs", "runs of models that wait or work", labels=by_state)
        oldest = GaugeMetricFamily(
            "llmasos_oldest_run_seconds", "how long ago the oldest of these runs was asked for", labels=by_state
        )
        for depth in _live_runs():
            labels = [depth.engine, Priority(depth.priority).name.lower(), depth.state]
            runs.add_metric(labels, depth.depth)
            oldest.add_metric(labels, depth.oldest_seconds)
        yield runs
        yield oldest
        yield GaugeMetricFamily(
            "llmasos_disk_free_bytes", "room left for the data", value=shutil.disk_usage(locations.var_folder()).free
        )
        memory = _valkey_memory()
        if memory is not None:
            yield GaugeMetricFamily("llmasos_valkey_used_bytes", "memory that Valkey uses", value=memory)


def _live_runs() -> tuple[QueueDepth, ...]:
    try:
        return queue_depths()
    except DatabaseError:
        return ()


def _valkey_memory() -> int | None:
    try:
        return int(cast("dict[str, int]", client().info("memory"))["used_memory"])
    except (RedisError, OSError, KeyError):
        return None


def render() -> bytes:
    """Return the metrics of this process and of the platform in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(PlatformCollector())
    return generate_latest(REGISTRY) + generate_latest(registry)
