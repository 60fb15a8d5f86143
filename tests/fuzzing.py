"""Requests made from the OpenAPI document: some that it allows, some that it does not; each answer must be in it."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

# So many of each kind an operation; more by hand: LLMASOS_FUZZ_EXAMPLES=100.
EXAMPLES = int(os.environ.get("LLMASOS_FUZZ_EXAMPLES", "2"))
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RUNS = frozenset({"/api/tutor/propose", "/api/support/ask"})
"""Operations of the platform's own API whose answer a worker makes."""
Ask = Callable[[schemathesis.Case], Any]


def operations(beginning: str, *, app: object = None) -> Iterator[schemathesis.APIOperation]:
    """The operations of the document whose path begins so; `app` is asked without a server between."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = app
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith(beginning):
            yield operation


def failure_of(operation: schemathesis.APIOperation, ask: Ask, ids: Mapping[str, str]) -> str:
    """Say how an operation failed; empty if it did not. `ids` are things that are there, by a path parameter's name."""
    right = st.tuples(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), st.booleans())
    wrong = st.tuples(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), st.just(False))

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(both=st.tuples(right, wrong))
    def two(both: tuple[tuple[schemathesis.Case, bool], ...]) -> None:
        for case, is_there in both:
            if is_there:
                case.path_parameters.update({name: ids[name] for name in case.path_parameters if name in ids})
            case.validate_response(ask(case), checks=CHECKS)

    try:
        two()
    except (Exception, BaseExceptionGroup) as failed:  # noqa: BLE001 - whatever it is, the others are tried
        return f"{operation.label}\n{''.join(traceback.format_exception(failed))}"
    return ""
