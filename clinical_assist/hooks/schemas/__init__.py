"""JSON schemas of the messages of CDS Hooks, written from the specification's tables."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Name = Literal["request", "response", "feedback", "discovery"]
_LONGEST = 200


def problem(name: Name, message: Any) -> str:
    """Return where a message leaves its schema and which rule it breaks, "" if it does not. Never a value of it."""
    error = best_match(_validator(name).iter_errors(message))
    if error is None:
        return ""
    place = "/".join(str(one) for one in error.absolute_path) or "message"
    return f"{place}: {error.validator} {json.dumps(error.validator_value)}"[:_LONGEST]


@functools.cache
def _validator(name: Name) -> Draft202012Validator:
    text = Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))
