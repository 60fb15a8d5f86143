"""The widget's weight on somebody else's pages, compressed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.test import Client

import support_bot
from support_bot.models import Site

STATIC = Path(support_bot.__file__).parent / "static" / "support_bot"


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, compresslevel=6))


def test_the_loader_weighs_three_kilobytes_at_most() -> None:
    assert compressed((STATIC / "widget.js").read_bytes()) <= 3 * 1024


@pytest.mark.django_db
def test_the_frame_weighs_25_kilobytes_at_most_in_all(client: Client, site: Site) -> None:
    page = client.get(f"/widget/{site.key}/").content
    parts = [page, *(path.read_bytes() for path in (STATIC / "frame").iterdir())]
    assert sum(map(compressed, parts)) <= 25 * 1024
