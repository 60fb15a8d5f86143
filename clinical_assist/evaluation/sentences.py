"""``manage.py clinical sentences``: whether findings in sentences are recognised with the right status."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from clinical_assist.knowledge import library
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.types import Knowledge
from clinical_assist.recognition.recogniser import Recogniser
from clinical_assist.recognition.status import Status
from llmasos.retrieval.evaluation import bootstrap_interval

HELP = "Measure the status of findings in sentences {text, findings: {code: status}}."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--knowledge", default=library.STARTER, metavar="NAME")
    parser.add_argument("--wrong", action="store_true", help="List the findings with another status.")
    parser.add_argument(
        "--complete", action="store_true", help="The file names every finding of its texts: count what is seen beyond."
    )


def run(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read every sentence and count. Raises CommandError."""
    try:
        knowledge = library.load(options["knowledge"])
    except KnowledgeError as error:
        raise CommandError(str(error)) from error
    recogniser = Recogniser(knowledge)
    right: list[float] = []
    kinds: dict[str, list[float]] = {}
    wrong = []
    chips, beyond = 0, []
    for text, findings in read(options["file"]):
        seen = {chip.code: str(chip.status) for chip in recogniser.recognise(text).chips}
        chips += len(seen)
        beyond += [f"{text} {code}: {seen[code]}" for code in seen if not _is_of(code, findings, knowledge)]
        for code, status in findings.items():
            hit = float(seen.get(code) == status)
            right.append(hit)
            kinds.setdefault(status, []).append(hit)
            if not hit:
                wrong.append(f"{text} {code}: {seen.get(code, 'not seen')}, not {status}")
    figures: dict[str, Any] = {
        "n": len(right),
        "right": round(sum(right) / len(right), 4),
        "ci95": list(bootstrap_interval(right)),
        **{kind: f"{sum(hits):.0f} of {len(hits)}" for kind, hits in sorted(kinds.items())},
    }
    if options["complete"]:
        figures["beyond"] = f"{len(beyond)} of {chips}"
    if options["wrong"]:
        figures["wrong"] = wrong
        if options["complete"]:
            figures["seen_beyond"] = beyond
    return figures


def _is_of(code: str, findings: Container[str], knowledge: Knowledge) -> bool:
    """Whether a finding is among those named, or one of them lies within it."""
    return code in findings or any(
        _is_of(one.code, findings, knowledge) for one in knowledge.findings.values() if one.parent == code
    )


def read(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Read the sentences. Raises CommandError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path.name} cannot be read: {error}.") from error
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            rows.append(
                (str(row["text"]), {str(code): str(Status(status)) for code, status in row["findings"].items()})
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError(
                f"{path.name}, line {number}: {{text, findings: {{code: status}}}} is needed ({error})."
            ) from error
    if not any(wanted for _text, wanted in rows):
        raise CommandError(f"{path.name} holds no findings.")
    return rows
