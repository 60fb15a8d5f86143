from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from llmasos.runtime.request_log import RequestLogMiddleware

ID = "0f9d8c1e-3b52-4f4e-9d6b-0c1f6a7e2b11"


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def test_a_request_is_logged_without_its_visitor(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        Client().get("/health/live", headers={"user-agent": "Browser of a visitor"}, REMOTE_ADDR="203.0.113.7")
    events = logged(caplog)
    assert {"request_started", "request_finished"} <= {event["event"] for event in events}
    assert all(event["request"] == "GET /health/live" for event in events)
    assert "203.0.113.7" not in caplog.text
    assert "Browser of a visitor" not in caplog.text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/o/shop/knowledge/?q=my+illness", "GET /o/shop/knowledge/"),
        ("/o/shop/my-illness/", "GET (no such page)"),
        ("/widget/my-illness/session", "GET /widget/…/session"),
        ("/setup/" + "Ab1_" * 11 + "/", "GET /setup/…/"),
        ("/accounts/password/reset/key/1-" + "d0c7f1" * 6 + "/", "GET /accounts/password/reset/key/…-…/"),
        (f"/o/shop/people/{ID}/", f"GET /o/shop/people/{ID}/"),
    ],
)
def test_queries_and_secrets_of_an_address_are_not_logged(
    caplog: pytest.LogCaptureFixture, address: str, shown: str
) -> None:
    middleware = RequestLogMiddleware(lambda request: HttpResponse())
    with caplog.at_level("INFO"):
        middleware(RequestFactory().get(address))
    assert {event["request"] for event in logged(caplog)} == {shown}


def test_a_link_that_no_longer_works_is_not_spelt_out(caplog: pytest.LogCaptureFixture) -> None:
    secret = "Ab1_" * 11
    Client().get(f"/nowhere/{secret}/")
    assert caplog.text
    assert secret not in caplog.text


@pytest.mark.parametrize("brought", ["trace-0123456789", "Ada Lovelace is ill"])
def test_a_request_has_one_id_in_its_response_and_in_its_log(caplog: pytest.LogCaptureFixture, brought: str) -> None:
    with caplog.at_level("INFO"):
        answered = Client().get("/health/live", headers={"x-request-id": brought})
    assert {event["request_id"] for event in logged(caplog)} == {answered["X-Request-ID"]}
    assert (answered["X-Request-ID"] == brought) == (" " not in brought)
