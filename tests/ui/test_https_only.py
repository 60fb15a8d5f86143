from __future__ import annotations

import pytest
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

PAGE = "/manifest.webmanifest"


@pytest.fixture(autouse=True)
def _as_started_by_up(settings: Settings) -> None:
    settings.HTTPS_OUTSIDE = True
    settings.ALLOWED_HOSTS = ["*"]


def ask(
    path: str = PAGE, *, host: str = "localhost", address: str = "127.0.0.1", secure: bool = False
) -> HttpResponseBase:
    return Client().get(path, headers={"host": host, "accept": "text/html"}, secure=secure, REMOTE_ADDR=address)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "shop.localhost"])
def test_this_machine_is_answered_plainly(host: str) -> None:
    assert ask(host=host).status_code == 200


@pytest.mark.parametrize(
    ("host", "address"), [("localhost", "192.168.1.7"), ("assistant.example.org", "127.0.0.1"), ("10.0.0.5", "::1")]
)
def test_another_machine_or_name_is_told_to_use_https(host: str, address: str) -> None:
    answer = ask(host=host, address=address)
    assert answer.status_code == 403
    assert "Only over HTTPS from here" in answer.content.decode()  # type: ignore[attr-defined]


def test_a_program_is_told_in_a_problem_document() -> None:
    answer = Client().get(PAGE, headers={"host": "10.0.0.5"}, REMOTE_ADDR="10.0.0.9")
    assert (answer.status_code, answer.json()["code"]) == (403, "https_only")


def test_https_is_answered_from_anywhere() -> None:
    assert ask(host="assistant.example.org", address="192.168.1.7", secure=True).status_code == 200


def test_probes_may_be_plain() -> None:
    assert ask("/health/live", host="10.0.0.5", address="10.0.0.9").status_code == 200
