from __future__ import annotations

from collections.abc import Iterator

import pytest

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal, system_principal
from llmasos.inference import worker
from llmasos.retrieval import services
from llmasos.retrieval.models import Collection


@pytest.fixture
def words(db: None, valkey: object) -> Iterator[None]:
    """The deterministic engine in this process: it embeds words, not what they mean."""
    worker.start_engine("echo")
    yield
    worker.stop_engine()


@pytest.fixture
def principal(organisation: Organisation) -> Principal:
    return system_principal(organisation.pk)


@pytest.fixture
def collection(principal: Principal) -> Collection:
    return services.add_collection(principal, name="handbook", language="en")
