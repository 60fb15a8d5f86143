from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import openai
import pytest

from tests.live import LiveServer, live_server

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


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
