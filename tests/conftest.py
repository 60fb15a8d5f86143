from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests import databases, services

if TYPE_CHECKING:
    import redis
    from pytest_django import DjangoDbBlocker
    from xdist.remote import Producer

    from llmasos.accounts.models import Organisation, Person


# How fast examples are made and tried on a busy machine says nothing of what is tested.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# Folders whose tests share one running platform, the longest first: each stays together on one test process.
TOGETHER = ("tests/browser/", "tests/api/")


class ByPlace(LoadScopeScheduling):
    """Share the tests out by file, or by folder where one holds a platform."""

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid)


def place_of(nodeid: str) -> str:
    """Return what a test is shared out with: its file, or its folder where one holds a platform."""
    path = nodeid.partition("::")[0]
    return next(filter(path.startswith, TOGETHER), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPlace:
    return ByPlace(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long folders begin."""
    order = {folder: number for number, folder in enumerate(TOGETHER)}
    items.sort(key=lambda item: order.get(place_of(item.nodeid), len(order)))


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    from django.conf import settings
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["tests.hashing.QuickArgon2", *settings.PASSWORD_HASHERS]):
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test starts in English: a page that was asked for in Chinese leaves its language to the thread."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def postgres() -> services.EmbeddedPostgres:
    return services.start_postgres()


@pytest.fixture(scope="session")
def valkey_server() -> services.EmbeddedValkey:
    return services.start_valkey()


@pytest.fixture(scope="session")
def django_db_setup(
    postgres: services.EmbeddedPostgres,
    valkey_server: services.EmbeddedValkey,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Migrate as the owner and keep the result as a template; tests run as the application's role."""
    with django_db_blocker.unblock():
        databases.migrate()
        databases.make_template()


@pytest.fixture
def committed_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of the test's own in which everything really commits; its name."""
    with django_db_blocker.unblock(), databases.own_database() as name:
        yield name


@pytest.fixture
def valkey(valkey_server: services.EmbeddedValkey) -> Iterator[redis.Redis]:
    """The real Valkey, emptied (logical database 0)."""
    import redis
    from django.conf import settings

    client = redis.Redis.from_url(settings.VALKEY_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def _organisation(slug: str, name: str) -> Organisation:
    from llmasos.accounts.models import Organisation
    from llmasos.accounts.tenancy import acting_in

    organisation = Organisation(slug=slug, name=name)
    with acting_in(organisation):
        organisation.save(force_insert=True)
    return organisation


def _member(organisation: Organisation, email: str, role: str) -> Person:
    from llmasos.accounts.models import Membership, Person
    from llmasos.accounts.tenancy import acting_in

    person = Person.objects.create_user(email, "correct horse battery", name=email.partition("@")[0].title())
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role=role)
    return person


@pytest.fixture
def organisation(request: pytest.FixtureRequest) -> Organisation:
    """The shop: `owner` administers it and `teammate` is an agent of it."""
    _database(request)
    return _organisation("shop", "The Shop")


@pytest.fixture
def other_organisation(request: pytest.FixtureRequest) -> Organisation:
    """The clinic, where `stranger` is the administrator."""
    _database(request)
    return _organisation("clinic", "The Clinic")


@pytest.fixture
def owner(organisation: Organisation) -> Person:
    return _member(organisation, "owner@shop.example", "administrator")


@pytest.fixture
def teammate(organisation: Organisation) -> Person:
    return _member(organisation, "teammate@shop.example", "agent")


@pytest.fixture
def stranger(other_organisation: Organisation) -> Person:
    return _member(other_organisation, "stranger@clinic.example", "administrator")


def _database(request: pytest.FixtureRequest) -> None:
    """Use the test's committed database where it asked for one, else a transaction that is rolled back."""
    if "committed_database" not in request.fixturenames:
        request.getfixturevalue("db")
