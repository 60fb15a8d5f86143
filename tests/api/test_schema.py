from __future__ import annotations

import io

from django.core.management import call_command

from tests.services import ROOT


def test_committed_schema_is_the_one_that_is_served() -> None:
    written = io.StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=written)
    assert (ROOT / "docs" / "openapi.yaml").read_text() == written.getvalue(), (
        "run: manage.py spectacular --file docs/openapi.yaml"
    )
