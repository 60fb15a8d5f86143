"""Every page that an anonymous client can reach is counted, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import AsyncClient, Client
from django.test.client import RequestFactory
from pytest_django import Settings

from llmasos.runtime import public_limits
from llmasos.runtime.public_limits import EXEMPT, LIMITS, PAGES, address_of, limit_of
from llmasos.runtime.routes import Route, route_of
from tests.canaries import in_valkey
from tests.security.urls import addresses

ADDRESSES = addresses()
pytestmark = pytest.mark.django_db


def test_every_page_is_limited_or_says_why_not() -> None:
    for address in ADDRESSES:
        route = route_of(RequestFactory().get(address.path))
        assert route.name, f"{address.path} is no example of {address.name}"
        limit = limit_of(route)
        assert (limit is None) == (route.name in EXEMPT)
        assert limit is not None or len(EXEMPT[route.name]) > 10


def test_no_limit_and_no_exemption_is_for_a_page_that_does_not_exist() -> None:
    names = {address.name for address in ADDRESSES}
    assert {*LIMITS, *EXEMPT} <= names


def test_pages_on_which_a_secret_is_tried_have_limits_of_their_own() -> None:
    tried = {one.name for one in ADDRESSES if "<str:secret>" in one.path_pattern or "?P<key>" in one.path_pattern}
    tried |= {one.name for one in ADDRESSES if one.name.endswith(("login", "authenticate", "login_webauthn"))}
    assert {"accounts:setup", "accounts:invitation", "account_login", "mfa_authenticate"} <= tried
    assert tried <= set(LIMITS)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch, valkey: object) -> None:
    """Every limit at three in an hour, so that no test depends on the time of day."""
    small = {name: replace(limit, count=3, seconds=3600) for name, limit in LIMITS.items()}
    monkeypatch.setattr(public_limits, "LIMITS", small)
    monkeypatch.setattr(public_limits, "PAGES", replace(PAGES, count=3, seconds=3600))
    monkeypatch.setattr(public_limits, "REFUSED_KEYS", replace(public_limits.REFUSED_KEYS, count=3, seconds=3600))
    monkeypatch.setattr(public_limits, "_blocked", {})


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "html"),
        ("/accounts/login/", "html"),
        ("/accounts/password/reset/", "html"),
        ("/accounts/2fa/webauthn/login/", "html"),
        ("/setup/guessed/", "html"),
        ("/invitation/guessed/", "html"),
        ("/metrics", "html"),
        ("/no/such/page/", "html"),
        ("/admin/login/", "html"),
        ("/widget/guessed/", "problem+json"),
        ("/widget/guessed/runs/00000000-0000-4000-8000-000000000001/events", "problem+json"),
        ("/api/search", "problem+json"),
        ("/api/schema/", "problem+json"),
        ("/v1/models", "json"),
    ],
)
def test_one_request_too_many_is_refused_and_told_when_to_come_back(narrow: None, path: str, shape: str) -> None:
    client = Client()
    before = [client.get(path).status_code for _ in range(3)]
    refused = client.get(path)
    assert 429 not in before
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert shape in refused["Content-Type"]


async def test_streams_are_counted_too(narrow: None) -> None:
    client = AsyncClient()
    path = "/widget/guessed/runs/00000000-0000-4000-8000-000000000001/events"
    answers = [(await client.get(path)).status_code for _ in range(4)]
    assert answers[-1] == 429


def test_another_address_is_not_held_up(narrow: None) -> None:
    client = Client()
    for _ in range(4):
        client.get("/", REMOTE_ADDR="192.0.2.1")
    assert client.get("/", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.get("/", REMOTE_ADDR="192.0.2.2").status_code == 200


def test_a_header_that_a_client_sends_changes_no_address(narrow: None) -> None:
    answers = [Client().get("/", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code for number in range(4)]
    assert answers[-1] == 429


def test_the_addresses_of_one_ipv6_network_count_as_one() -> None:
    def asked(address: str) -> str:
        return address_of(RequestFactory().get("/", REMOTE_ADDR=address))

    assert asked("2001:db8:1:2::1") == asked("2001:db8:1:2:ffff::9") != asked("2001:db8:1:3::1")


def test_addresses_are_counted_by_a_digest(narrow: None, valkey: object) -> None:
    Client().get("/", REMOTE_ADDR="192.0.2.77")
    assert in_valkey(["192.0.2.77"], client=valkey) == []  # type: ignore[arg-type]


def test_keys_that_are_not_accepted_are_counted_by_address(narrow: None) -> None:
    client = Client()

    def tried(number: int) -> int:
        return client.post(
            "/v1/embeddings", {"input": "x"}, "application/json", headers={"Authorization": f"Bearer lm-{number}"}
        ).status_code

    assert [tried(number) for number in range(4)] == [401] * 4
    assert tried(5) == 429


def test_probes_are_never_refused(narrow: None) -> None:
    assert {Client().get("/health/live").status_code for _ in range(5)} == {200}


def test_without_valkey_pages_are_served(narrow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Callable[..., object]:
        raise ConnectionError

    monkeypatch.setattr(public_limits, "client", away)
    assert {Client().get("/setup/guessed/").status_code for _ in range(5)} == {404}


def test_an_unknown_address_has_the_limit_of_pages() -> None:
    assert limit_of(Route("", "")) == PAGES


async def test_a_valkey_that_hangs_holds_nobody_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_limits, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(public_limits, "_uncounted_until", 0.0)
    hanging = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with hanging:
        settings.VALKEY_URL = f"redis://127.0.0.1:{hanging.sockets[0].getsockname()[1]}/0"
        assert await public_limits.acount(RequestFactory().get("/"), PAGES) == 0
    assert public_limits._uncounted_until > 0
