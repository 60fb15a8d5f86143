"""Addresses that people name are asked over TLS: at the place that was looked at, under the name that was given."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.clinical_assist.fhir import signing
from tests.security.tls_server import Authority, publishing_securely

Ask = Callable[[str], Any]
HOST = "platform.example"
INSIDE = "inside.example"


class Names:
    """A name service in which a host's name leads here the first time and into a private network from then on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._known = socket.getaddrinfo

    def __call__(self, host: str, port: int, *args: Any, **more: Any) -> Any:
        if not host.endswith(".example"):
            return self._known(host, port, *args, **more)
        place = "127.0.0.1" if host == HOST and host not in self.asked else "10.1.2.3"
        self.asked.append(host)
        return self._known(place, port, *args, **more)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names)
    return names


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, names: Names, monkeypatch: pytest.MonkeyPatch) -> Authority:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.file))
    return authority


def _as_a_learning_platform(address: str) -> Any:
    from tutor.lti.outgoing import PlatformSession
    from tutor.models import LtiPlatform

    return PlatformSession(LtiPlatform(issuer=address)).get(address).json()


def _as_a_key_set(address: str) -> Any:
    from clinical_assist.fhir.key_sets import fetch

    return fetch(address)


@pytest.fixture(params=[_as_a_learning_platform, _as_a_key_set])
def ask(request: pytest.FixtureRequest) -> Ask:
    asking: Ask = request.param
    return asking


@pytest.fixture
def refusals() -> tuple[type[Exception], ...]:
    from requests.exceptions import SSLError

    from clinical_assist.fhir.key_sets import KeySetAwayError

    return SSLError, KeySetAwayError


def test_a_host_is_asked_by_its_name_at_the_place_that_was_looked_at(
    ask: Ask, trusted: Authority, names: Names
) -> None:
    with publishing_securely(signing.key_set(), trusted.certificate_of(HOST)) as server:
        address = server.address_of(HOST)

        assert ask(address) == signing.key_set()
        assert server.greeted == [HOST]
        assert server.hosts == [f"{HOST}:{server.server_port}"]
        # Looked up again, the name would have led elsewhere.
        assert names.asked == [HOST]


def test_a_certificate_of_another_name_is_refused_before_anything_is_said(
    ask: Ask, trusted: Authority, refusals: tuple[type[Exception], ...]
) -> None:
    with publishing_securely(signing.key_set(), trusted.certificate_of("elsewhere.example")) as server:
        with pytest.raises(refusals):
            ask(server.address_of(HOST))
        assert server.asked == 0


def test_a_certificate_that_nobody_here_trusts_is_refused_before_anything_is_said(
    ask: Ask, trusted: Authority, refusals: tuple[type[Exception], ...], tmp_path: Path
) -> None:
    with publishing_securely(signing.key_set(), Authority(tmp_path).certificate_of(HOST)) as server:
        with pytest.raises(refusals):
            ask(server.address_of(HOST))
        assert server.asked == 0


def test_a_redirect_into_a_private_network_is_not_followed(
    ask: Ask, trusted: Authority, names: Names, refusals: tuple[type[Exception], ...]
) -> None:
    with publishing_securely(signing.key_set(), trusted.certificate_of(HOST)) as server:
        server.moved_to = f"https://{INSIDE}/secrets"
        with suppress(*refusals):
            ask(server.address_of(HOST))

        assert server.asked == 1
        assert names.asked == [HOST]


def test_a_name_of_a_private_network_is_not_connected_to(ask: Ask, trusted: Authority, names: Names) -> None:
    from llmasos.runtime.addresses import PrivateAddressError
    from tutor.lti.outgoing import RefusedAddressError

    with publishing_securely(signing.key_set(), trusted.certificate_of(INSIDE)) as server:
        with pytest.raises((PrivateAddressError, RefusedAddressError)):
            ask(server.address_of(INSIDE))
        assert server.greeted == []
