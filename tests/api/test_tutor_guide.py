"""The guide to the tutor's API, block by block, against the running server."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.live import LiveServer
from tests.services import ROOT


def test_the_guide_does_what_it_says(live: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMASOS_BASE_URL", live.url)
    monkeypatch.setenv("LLMASOS_API_KEY", live.key)
    text = (ROOT / "docs" / "guides" / "tutor-api.md").read_text()
    known: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "tutor-api.md", "exec"), known)
    assert [one.is_new for one in known["imported"].submissions] == [True, True]
    assert known["run"].applied
    assert len(list(known["client"].tutor.runs.proposals(known["run"].id))) == 2
    assert "Ada Lovelace,,1815" in known["table"]
    assert known["results"] == []
    known["client"].close()
