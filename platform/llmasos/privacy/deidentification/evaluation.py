"""The figures of ``evaluate deidentification``: letters and digits that are marked, against those that should be."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmasos.privacy.deidentification import pipeline

RESAMPLES = 1000
SEED = 20

Counts = NDArray[np.int64]


class CasesError(ValueError):
    """The file of cases cannot be used; the message names the line."""


@dataclass(frozen=True, slots=True)
class Case:
    """A text with the stretches that are personal: half-open, in characters, with any name of a type."""

    text: str = field(repr=False)
    spans: tuple[tuple[int, int, str], ...]


def read_cases(path: Path) -> list[Case]:
    """Read lines {id, text, spans[{start, end, type}]}. Raises CasesError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path} cannot be read: {error}") from error
    cases = [_case(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise CasesError(f"{path} holds no case")
    return cases


def _case(line: str, number: int, path: Path) -> Case:
    try:
        values = json.loads(line)
        text = values["text"]
        spans = tuple((int(one["start"]), int(one["end"]), str(one["type"])) for one in values.get("spans", ()))
        length = len(text)
    except (ValueError, KeyError, TypeError) as error:
        # Not the line's own words: they may be somebody's data.
        raise CasesError(f"line {number} of {path} is no {{id, text, spans[]}} ({type(error).__name__})") from error
    if not isinstance(text, str) or any(not 0 <= start <= end <= length for start, end, _kind in spans):
        raise CasesError(f"a span in line {number} of {path} lies outside of its text")
    return Case(text, spans)


def measure(cases: Sequence[Case], progress: Callable[[str], None]) -> dict[str, Any]:
    """Find in each text, with the default types and threshold, and report."""
    started = time.monotonic()
    counts, by_type = np.zeros((len(cases), 5), dtype=np.int64), defaultdict[str, list[int]](lambda: [0, 0])
    for number, case in enumerate(cases):
        counts[number] = _count(case, by_type)
        if number % 200 == 199:
            progress(f"{number + 1} of {len(cases)} texts")
    figures = _figures(counts.sum(axis=0))
    return {
        "n": len(cases),
        **figures,
        "by_type": {name: round(found / total, 4) for name, (found, total) in sorted(by_type.items()) if total},
        "words_without_spans": int(counts[:, 4].sum()),
        "ci95": _intervals(counts),
        "seconds": round(time.monotonic() - started, 1),
    }


def _count(case: Case, by_type: dict[str, list[int]]) -> tuple[int, int, int, int, int]:
    """Return characters found, missed and marked for nothing; and for a text without spans, words marked and words."""
    marked = np.zeros(len(case.text), dtype=bool)
    for finding in pipeline.locate(case.text):
        marked[finding.start : finding.end] = True
    counted = np.fromiter(map(str.isalnum, case.text), dtype=bool, count=len(case.text))
    wanted = np.zeros(len(case.text), dtype=bool)
    for start, end, name in case.spans:
        wanted[start:end] = True
        by_type[name][0] += int((marked[start:end] & counted[start:end]).sum())
        by_type[name][1] += int(counted[start:end].sum())
    found, missed = int((wanted & marked & counted).sum()), int((wanted & ~marked & counted).sum())
    alarms = words = 0
    if not case.spans:
        words = len(case.text.split())
        alarms = sum(bool((marked & counted)[start:end].any()) for start, end in _words(case.text))
    return found, missed, int((~wanted & marked & counted).sum()), alarms, words


def _words(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        yield start, end


def _figures(totals: Counts) -> dict[str, float | None]:
    found, missed, wrong, alarms, words = (int(total) for total in totals)
    precision = found / (found + wrong) if found + wrong else None
    recall = found / (found + missed) if found + missed else None
    f2 = None
    if precision is not None and recall is not None:
        f2 = 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0
    return {
        "recall": _rounded(recall),
        "precision": _rounded(precision),
        "f2": _rounded(f2),
        "false_alarms_per_1000_words": round(1000 * alarms / words, 3) if words else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _intervals(counts: Counts) -> dict[str, list[float] | None]:
    """Return bootstrap intervals over texts."""
    chance = np.random.default_rng(SEED)
    drawn = [_figures(counts[chance.integers(0, len(counts), len(counts))].sum(axis=0)) for _ in range(RESAMPLES)]
    intervals: dict[str, list[float] | None] = {}
    for name in drawn[0]:
        values = [one[name] for one in drawn if one[name] is not None]
        intervals[name] = (
            [round(float(edge), 4) for edge in np.percentile(np.array(values, dtype=float), [2.5, 97.5])]
            if values
            else None
        )
    return intervals
