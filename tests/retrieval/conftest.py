from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal, system_principal
from llmasos.inference import worker
from llmasos.retrieval import ingestion, services, settling, tasks
from llmasos.retrieval.models import Collection

Import = Callable[..., services.ImportReport]


@pytest.fixture(scope="session")
def embeddings(django_db_setup: None, django_db_blocker: object, valkey_server: object) -> Iterator[None]:
    """The real embedding model, loaded once in this process."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        worker.start_engine("embed")
        yield
        worker.stop_engine()


@pytest.fixture
def words(valkey_server: object, request: pytest.FixtureRequest) -> Iterator[None]:
    """The deterministic engine that embeds words, where nothing depends on what they mean."""
    request.getfixturevalue("db")
    worker.start_engine("echo")
    yield
    worker.stop_engine()


@pytest.fixture
def principal(organisation: Organisation) -> Principal:
    return system_principal(organisation.pk)


@pytest.fixture
def collection(principal: Principal) -> Collection:
    return services.add_collection(principal, name="handbook", language="en")
