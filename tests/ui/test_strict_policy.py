"""Templates hold no inline script and no inline style: the content-security policy would block them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [
    path
    for folder in (ROOT / "platform", ROOT / "support_bot", ROOT / "tutor", ROOT / "clinical_assist")
    for path in folder.rglob("templates/**/*.html")
]
FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+=", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", re.IGNORECASE),
    "script address": re.compile(r"""(?:href|src|action)=["']\s*javascript:""", re.IGNORECASE),
    "evaluated htmx": re.compile(r"""\b(?:hx-on|hx-vals=["']js:|hx-trigger=["'][^"']*\[)""", re.IGNORECASE),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_needs_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []
