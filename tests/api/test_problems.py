"""Errors of the platform's API that belong to no operation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.views import SpectacularAPIView

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_told_to_programs_as_a_problem() -> None:
    answer = Client().get("/api/nothing-here")
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["code"]) == (404, "not_found")


def test_a_failure_that_nobody_expected_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_values: Any) -> None:
        raise RuntimeError("words of somebody")

    monkeypatch.setattr(SpectacularAPIView, "get", fail)
    answer = Client(raise_request_exception=False).get("/api/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["request_id"]
    assert "words of somebody" not in answer.content.decode()
