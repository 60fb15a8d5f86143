from __future__ import annotations

import json
import re

from django.contrib.staticfiles import finders
from django.test import Client

from llmasos.ui.templatetags.ui import SCRIPTS, STYLE_SHEETS


def test_the_manifest_names_icons_that_exist(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest").json()
    addresses = [icon["src"].removeprefix("/static/") for icon in manifest["icons"]]
    assert addresses
    assert all(finders.find(address) for address in addresses)


def test_the_manifest_offers_a_maskable_icon(client: Client) -> None:
    assert "maskable" in [icon.get("purpose") for icon in client.get("/manifest.webmanifest").json()["icons"]]


def test_the_service_worker_keeps_static_files_only(client: Client) -> None:
    text = client.get("/service-worker.js").content.decode()
    kept = json.loads(re.search(r"KEEP = (\[.*\]);", text)[1])  # type: ignore[index]
    assert kept
    assert all(address.startswith("/static/") for address in kept)
    assert 'PREFIX = "/static/"' in text


def test_every_file_that_the_service_worker_keeps_exists() -> None:
    names = [*(f"ui/css/{name}.css" for name in STYLE_SHEETS), *(f"ui/js/{name}.js" for name in SCRIPTS)]
    assert all(finders.find(name) for name in names)
    assert finders.find("ui/offline.html")
