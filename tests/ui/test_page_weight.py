from __future__ import annotations

import gzip
from pathlib import Path

from django.contrib.staticfiles import finders

from llmasos.ui.templatetags.ui import SCRIPTS, STYLE_SHEETS

LIMIT_BYTES = 30_000


def compressed(address: str) -> int:
    found = finders.find(address)
    assert isinstance(found, str)
    return len(gzip.compress(Path(found).read_bytes()))


def test_the_style_sheets_of_a_page_stay_small() -> None:
    sheets = [*(f"ui/css/{name}.css" for name in STYLE_SHEETS), "console/console.css"]
    assert sum(map(compressed, sheets)) <= LIMIT_BYTES


def test_the_scripts_and_symbols_of_a_page_stay_small() -> None:
    parts = [*(f"ui/js/{name}.js" for name in SCRIPTS), "ui/js/poll.js", "ui/icons.svg"]
    assert sum(map(compressed, parts)) <= LIMIT_BYTES / 2
