from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import openai
import pytest

import llmasos
from tests.live import LiveServer, live_server
from tests.services import ROOT

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

SHELF = ("--organisation", "shop", "--collection", "handbook")


@pytest.fixture(scope="package")
def live(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    with live_server(django_db_blocker, tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture
def http(live: LiveServer) -> Iterator[httpx.Client]:
    """Raw requests with a key that may do everything."""
    with httpx.Client(
        base_url=live.url, headers={"Authorization": f"Bearer {live.key}"}, timeout=30, trust_env=False
    ) as client:
        yield client


@pytest.fixture
def client(live: LiveServer) -> Iterator[openai.OpenAI]:
    """OpenAI's own client, unchanged."""
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.key, max_retries=0) as official:
        yield official


@pytest.fixture
def sdk(live: LiveServer) -> Iterator[llmasos.Client]:
    with llmasos.Client(live.url, live.key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="package")
def knowledge(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two collections of the shop: a handbook with two articles, and an empty one."""
    folder = tmp_path_factory.mktemp("knowledge")
    (folder / "returns.md").write_text("# Returns\n\nBoots may be sent back within a month of the purchase.\n")
    (folder / "shipping.md").write_text("# Shipping\n\nParcels leave our warehouse every morning.\n")
    subprocess.run(
        [sys.executable, "manage.py", "knowledge", "import", str(folder), *SHELF],
        cwd=ROOT,
        env={**os.environ, **live.platform.environment, "LLMASOS_PYTHON": "system"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return "handbook"
