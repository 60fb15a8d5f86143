from __future__ import annotations

import re
import socket
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from pytest_django.fixtures import Settings as SettingsWrapper

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.forwarding import services
from llmasos.audit.forwarding.destinations import Destination
from llmasos.audit.forwarding.models import Cursor
from llmasos.audit.forwarding.queries import ForwardingState, forwarding_state
from llmasos.audit.forwarding.services import forward_all
from tests.audit.collectors import http_collector, syslog_server
from tests.audit.logs import fill

SYSLOG = re.compile(
    rb"<110>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ llmasos - audit\.read "
    rb'\[meta sequenceId="1"\]\[origin software="llmasos"\] \{.*\}'
)


def state(organisation: Organisation) -> ForwardingState:
    with acting_in(organisation):
        (found,) = forwarding_state(organisation.pk)
    return found


def test_a_syslog_server_gets_every_entry_once_and_in_order(
    organisation: Organisation, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 4)
    fill(organisation.pk, 10)
    with syslog_server() as server:
        settings.AUDIT_FORWARD_TO = [server.address]
        assert forward_all() == 10
        fill(organisation.pk, 1)
        assert forward_all() == 1
    assert server.numbers == list(range(1, 12))
    assert SYSLOG.fullmatch(server.raw[0])


def test_a_syslog_server_that_dies_in_the_middle_loses_nothing(
    organisation: Organisation, settings: SettingsWrapper
) -> None:
    fill(organisation.pk, 10)
    with syslog_server() as server:
        settings.AUDIT_FORWARD_TO = [server.address]
        server.dies_after = 4
        forward_all()
        assert state(organisation).seq == 0
        assert state(organisation).problem
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            assert forward_all() == 10
    assert set(server.numbers) == set(range(1, 11))
    assert state(organisation).problem == ""


def test_a_server_that_is_away_is_asked_again_later(organisation: Organisation, settings: SettingsWrapper) -> None:
    fill(organisation.pk, 2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.AUDIT_FORWARD_TO = [f"syslog+tcp://127.0.0.1:{taken.getsockname()[1]}"]
    forward_all()
    first = state(organisation)
    forward_all()
    assert (first.attempts, first.waiting, state(organisation).attempts) == (1, 2, 1)
    assert first.try_after is not None
    with time_machine.travel(first.try_after + timedelta(seconds=1)):
        forward_all()
        second = state(organisation)
    assert second.attempts == 2
    assert second.try_after is not None
    assert second.try_after - first.try_after > timedelta(seconds=10)


def test_syslog_over_tls_checks_the_server(
    organisation: Organisation, settings: SettingsWrapper, tmp_path: Path
) -> None:
    fill(organisation.pk, 3)
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"]
    subprocess.run([*make.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    with syslog_server(context) as server:
        settings.AUDIT_FORWARD_TO = [server.address]
        forward_all()
        assert "CERTIFICATE_VERIFY_FAILED" in state(organisation).problem
        settings.AUDIT_FORWARD_TO = [f"{server.address}?ca={tmp_path / 'cert'}"]
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=True):
            assert forward_all() == 3
    assert server.numbers == [1, 2, 3]


def test_syslog_over_udp_sends_a_datagram_an_entry(organisation: Organisation, settings: SettingsWrapper) -> None:
    fill(organisation.pk, 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        settings.AUDIT_FORWARD_TO = [f"syslog+udp://127.0.0.1:{server.getsockname()[1]}"]
        assert forward_all() == 3
        assert all(server.recv(65_536).startswith(b"<110>1 ") for _ in range(3))


def test_a_collector_that_fails_loses_nothing(organisation: Organisation, settings: SettingsWrapper) -> None:
    fill(organisation.pk, 5)
    with http_collector() as collector:
        settings.AUDIT_FORWARD_TO = [collector.address]
        collector.refuses, collector.dies_after = 1, 1
        for minute in range(3):
            with time_machine.travel(timezone.now() + timedelta(minutes=minute), tick=True):
                forward_all()
    assert collector.numbers == [1, 2, 3, 4, 5] * 2
    keys = {headers["Idempotency-Key"] for headers in collector.headers}
    assert keys == {f"{organisation.pk}-1-5"}
    assert (state(organisation).seq, state(organisation).problem) == (5, "")


def test_the_collector_is_told_who_sends(organisation: Organisation, settings: SettingsWrapper) -> None:
    fill(organisation.pk, 1)
    settings.AUDIT_FORWARD_TOKEN = "t0ken"
    with http_collector() as collector:
        settings.AUDIT_FORWARD_TO = [collector.address]
        forward_all()
    assert collector.headers[0]["Authorization"] == "Bearer t0ken"


def test_credentials_stay_out_of_the_state(organisation: Organisation, settings: SettingsWrapper) -> None:
    fill(organisation.pk, 1)
    settings.AUDIT_FORWARD_TO = ["https://user:secret@127.0.0.1:1/path?key=secret"]
    forward_all()
    found = state(organisation)
    assert found.destination == "https://127.0.0.1:1/path"
    assert "secret" not in found.problem


def test_a_second_worker_leaves_a_log_alone_that_is_being_sent(
    organisation: Organisation, settings: SettingsWrapper
) -> None:
    fill(organisation.pk, 2)
    with http_collector() as collector:
        settings.AUDIT_FORWARD_TO = [collector.address]
        with acting_in(organisation):
            Cursor.objects.create(
                organisation_id=organisation.pk,
                destination=Destination(collector.address).name,
                leased_until=timezone.now() + timedelta(seconds=30),
            )
        assert forward_all() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=True):
            assert forward_all() == 2


def test_logs_are_forwarded_apart(
    organisation: Organisation, other_organisation: Organisation, settings: SettingsWrapper
) -> None:
    fill(organisation.pk, 2)
    fill(other_organisation.pk, 3)
    with http_collector() as collector:
        settings.AUDIT_FORWARD_TO = [collector.address]
        assert forward_all() == 5
    assert (state(organisation).seq, state(other_organisation).seq) == (2, 3)


def test_a_run_ends_in_time_and_the_next_goes_on(
    organisation: Organisation, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    fill(organisation.pk, 6)
    with http_collector() as collector:
        settings.AUDIT_FORWARD_TO = [collector.address]
        sent = [forward_all(seconds=0) for _ in range(3)]
    assert sent == [2, 2, 2]
    assert collector.numbers == [1, 2, 3, 4, 5, 6]
