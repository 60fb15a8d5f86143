"""Benchmarks of hooks and of the differential ask the web server, and leave nothing but entries in the log."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from clinical_assist.measuring import differential, hooks
from clinical_assist.models import HookCaller, Patient, RuleFiring
from llmasos.accounts.models import Membership
from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.client import credentials

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture(autouse=True)
def _few_calls_in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from django.core.handlers.wsgi import WSGIHandler

    transport = httpx.WSGITransport(app=WSGIHandler())
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=transport))
    known = credentials.Credentials("http://localhost", "")
    monkeypatch.setattr(credentials, "find_credentials", lambda: known)
    for module in (hooks, differential):
        monkeypatch.setattr(module, "CALLS", 2)
        monkeypatch.setattr(module, "WARM_UP", 1)
    # The requests share the test's connection, which must outlive them.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_each_hook_is_measured_and_what_fires_is_not_counted(clinic: Clinic) -> None:
    found = hooks.bench_hooks(system_principal(clinic.id))

    assert {name: found[name]["calls"] for name in ("patient-view", "order-select", "order-sign")} == {
        "patient-view": 2, "order-select": 2, "order-sign": 2,
    }  # fmt: skip
    with acting_in(clinic.id):
        assert not RuleFiring.objects.for_organisation(clinic.id).exists()
        assert not HookCaller.objects.for_organisation(clinic.id).exists()


def test_a_toggle_and_a_question_are_measured_and_nobody_stays(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        members = Membership.objects.for_organisation(clinic.id).count()

    found = differential.bench_differential(system_principal(clinic.id))

    assert (found["what_if"]["calls"], found["next_question"]["calls"]) == (2, 2)
    with acting_in(clinic.id):
        assert Patient.objects.for_organisation(clinic.id).get() == clinic.patient
        assert Membership.objects.for_organisation(clinic.id).count() == members
