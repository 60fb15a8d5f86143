"""Errors of the platform's API that belong to no operation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.views import SpectacularAPIView

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_told_to_programs_as_a_problem() -> None:
    answer = Client().get("/api/nothing-here")
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nothing-here", 404, "not_found"),
        ("options", "/health/live", 405, "method_not_allowed"),
        ("post", "/accounts/login/", 403, "permission_denied"),
    ],
)
def test_outside_the_api_programs_that_ask_for_json_are_told_in_a_problem_document(
    method: str, path: str, status: int, code: str
) -> None:
    def told(accepted: str) -> HttpResponse:
        client = Client(enforce_csrf_checks=True, headers={"accept": accepted})
        answer: HttpResponse = getattr(client, method)(path)
        return answer

    answer = told("application/json, text/plain, */*")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (json.loads(answer.content)["code"], answer.get("Allow")) == (code, "GET, HEAD" if status == 405 else None)
    page = told("text/html,application/xhtml+xml,*/*;q=0.8")
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")
    # A cache must not hand the one form to who asks for the other.
    assert all("Accept" in one["Vary"].split(", ") for one in (answer, page))


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing"])
def test_every_unknown_address_of_openais_api_is_told_in_its_form(path: str) -> None:
    answer = Client(headers={"accept": "text/html"}).get(path)
    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "message": "There is nothing at this address.",
        "type": "invalid_request_error",
        "param": None,
        "code": "unknown_url",
    }


def test_a_failure_that_nobody_expected_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_values: Any) -> None:
        raise RuntimeError("words of somebody")

    monkeypatch.setattr(SpectacularAPIView, "get", fail)
    answer = Client(raise_request_exception=False).get("/api/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["request_id"]
    assert "words of somebody" not in answer.content.decode()
