"""The page about the API, block by block, against the running server."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.live import LiveServer
from tests.services import ROOT


def test_the_page_does_what_it_says(live: LiveServer, knowledge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMASOS_BASE_URL", live.url)
    monkeypatch.setenv("LLMASOS_API_KEY", live.key)
    known: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL):
        exec(compile(block, "api.md", "exec"), known)
    assert known["reply"].choices[0].message.content == "Name three colours."
    assert known["answer"] == "Rain, 4 degrees."
    assert known["stream"].text == "Name three colours."
    assert len(known["vectors"]) == 2
    known["official"].close()
