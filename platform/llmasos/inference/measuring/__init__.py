"""Benchmarks of the platform against its peers, alternately and on the same inputs.

Higher packages add theirs with `register_benchmark` in AppConfig.ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from llmasos.accounts.principals import Principal

Benchmark = Callable[[Principal], dict[str, Any]]

_registered: dict[str, Benchmark] = {}


def register_benchmark(name: str, benchmark: Benchmark) -> None:
    """Makes `manage.py bench NAME` run this; it returns what `--json` prints."""
    if _registered.setdefault(name, benchmark) is not benchmark:
        raise ValueError(f"the benchmark {name} is registered twice")


def benchmarks() -> Mapping[str, Benchmark]:
    return dict(_registered)


def lines(figures: Mapping[str, Any], *, indent: str = "") -> Iterator[str]:
    """The figures for people: one name and value a line."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from lines(value, indent=indent + "  ")
        else:
            yield f"{indent}{name}: {value}"
