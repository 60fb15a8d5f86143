from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.tutor.conftest import School
from tests.tutor.marking.conftest import give, log, propose

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from llmasos.accounts.models import Organisation

__all__ = ["give", "log", "propose"]


def key_of(organisation: Organisation, *scopes: str) -> str:
    from llmasos.accounts.principals import system_principal
    from llmasos.accounts.services import create_api_key

    made = create_api_key(
        principal=system_principal(organisation.pk), organisation_id=organisation.pk, name="Test", scopes=scopes
    )
    return made.secret


def caller(secret: str = "") -> APIClient:
    from rest_framework.test import APIClient

    client = APIClient()
    if secret:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def secret(school: School) -> str:
    """A key of the school with the scope "tutor"."""
    return key_of(school.organisation, "tutor")


@pytest.fixture
def api(secret: str) -> APIClient:
    """Calls with the school's key."""
    return caller(secret)


@pytest.fixture
def post(api: APIClient) -> Callable[..., Any]:
    """Send a write and give back what it answered; `status` is what it must answer."""

    def sent(path: str, body: Any = None, *, status: int = 200, method: str = "post", key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        reply = getattr(api, method)(f"/api/tutor/{path}", body or {}, format="json", headers=headers)
        assert reply.status_code == status, reply.data
        return reply.data

    return sent
