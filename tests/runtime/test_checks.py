from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings as SettingsWrapper

from llmasos.runtime import checks


@pytest.fixture
def production(settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> SettingsWrapper:
    """A production installation with everything given."""
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.LLMASOS_DEMO = False
    monkeypatch.setenv("SECRET_KEY", "x" * 50)
    monkeypatch.setenv("LLMASOS_KEY_ENCRYPTION_KEYS", "k1:AAAA")
    monkeypatch.setenv("LLMASOS_HOSTS", "assistant.example.org")
    return settings


def told() -> list[str]:
    return [message.msg for message in checks.production_is_configured()]


def test_a_configured_production_starts(production: SettingsWrapper) -> None:
    assert told() == []


def test_outside_production_nothing_is_asked_for(settings: SettingsWrapper) -> None:
    settings.PRODUCTION = False
    settings.DEBUG = True
    assert told() == []


def test_production_refuses_debugging(production: SettingsWrapper) -> None:
    production.DEBUG = True
    assert told() == ["DEBUG is on in production: error pages would show data."]


def test_production_refuses_demo_accounts(production: SettingsWrapper) -> None:
    production.LLMASOS_DEMO = True
    assert told() == ["Demo accounts are allowed in production."]


@pytest.mark.parametrize("name", ["SECRET_KEY", "LLMASOS_KEY_ENCRYPTION_KEYS"])
def test_production_names_the_missing_secret(
    production: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    assert told() == [f"{name} is missing: production does not run on a generated secret."]


def test_production_wants_its_names(production: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMASOS_HOSTS")
    assert told() == ["LLMASOS_HOSTS is missing: the names under which this installation is reached."]


@pytest.mark.django_db
def test_the_suite_runs_as_a_role_that_row_security_binds() -> None:
    assert checks.application_role_is_bound_by_row_security(databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("email", "count"), [("owner@shop.example", 1), ("owner@shop.org", 0)])
def test_production_refuses_to_start_on_demo_people(production: SettingsWrapper, email: str, count: int) -> None:
    from llmasos.accounts.models import Person

    Person.objects.create_user(email, "correct horse battery", name="Owner")
    assert len(checks.production_has_no_demo_accounts(databases=["default"])) == count
