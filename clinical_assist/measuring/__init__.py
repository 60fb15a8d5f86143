"""Benchmarks of the clinical assistant: what a running installation takes to answer, asked over HTTP."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

CALLS = 40
WARM_UP = 5


def figures(seconds: Sequence[float]) -> dict[str, Any]:
    """Return count, median and 95th percentile, in milliseconds."""
    return {
        "calls": len(seconds),
        "median_ms": round(statistics.median(seconds) * 1000, 1),
        "p95_ms": round(statistics.quantiles(seconds, n=20)[-1] * 1000, 1),
    }
