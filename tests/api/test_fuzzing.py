"""The operations that a worker answers, asked what their document allows and what it does not, over HTTP."""

from __future__ import annotations

from typing import Any

import schemathesis

from tests.fuzzing import RUNS, failure_of, operations
from tests.live import LiveServer


def test_every_answer_is_one_that_the_document_has(live: LiveServer) -> None:
    def ask(case: schemathesis.Case) -> Any:
        return case.call(base_url=live.url, headers={"Authorization": f"Bearer {live.key}"})

    asked = [one for one in operations("/") if one.path.startswith("/v1/") or one.path in RUNS]
    failed = [failure for one in asked if (failure := failure_of(one, ask, {}))]
    assert not failed, "\n\n".join(failed)
