"""Fixtures for journeys in a real browser.

They live as long as this package's tests: Playwright's synchronous interface leaves an event loop in the
main thread, which no other test may find there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.browser.live import LivePlatform, running_platform

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from llmasos.accounts.models import Organisation, Person

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
PASSWORD = "correct horse battery"
# How long a page may take on a busy machine before a test gives up on it.
TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chrome or Chromium of this machine."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        reason = f"no browser found (looked for {', '.join(BROWSERS)})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture(scope="package")
def live_platform(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LivePlatform]:
    with running_platform(django_db_blocker, tmp_path_factory.mktemp("live")) as platform:
        yield platform


@pytest.fixture
def new_context(browser: Browser, live_platform: LivePlatform) -> Iterator[Callable[..., BrowserContext]]:
    """Open browser contexts (language, colours, size); each fails its test on a blocked or failing script."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=live_platform.url, **{"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        )
        context.set_default_timeout(TIMEOUT_MS)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on(
            "console",
            lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
        )
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


@pytest.fixture
def signed_in(live_platform: LivePlatform) -> Callable[[Page, Person], None]:
    """Sign a person in, without the page for it: that has tests of its own."""
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.http import HttpRequest
    from django.test import Client

    def sign_in(page: Page, person: Person) -> None:
        client, request = Client(), HttpRequest()
        with live_platform.database():
            client.force_login(person)
            # As after the page: some doors ask for a sign-in of just now.
            request.session = client.session
            record_authentication(request, person, method="password", email=person.email)
            request.session.save()
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_platform.url}])

    return sign_in


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Check a page as it stands; nothing may be found."""
    source = AXE_FILE_PATH.read_text()

    def check(page: Page) -> None:
        if page.evaluate("typeof axe === 'undefined'"):
            page.evaluate(source)
        # What fades in is judged as it stays, not half faded. What has just changed begins to fade with the next frame.
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.evaluate(
            "document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity)"
            ".forEach(one => one.finish())"
        )
        result = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", AXE_TAGS
        )
        found = [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
        assert found == [], "\n".join(found)

    return check


@pytest.fixture
def looks(axe: Callable[[Page], None]) -> Callable[[Page], None]:
    """Check a page wide and light, then narrow and dark, and leave it wide."""

    def check(page: Page) -> None:
        wide = page.viewport_size
        assert wide is not None
        assert_no_sideways_scrolling(page)
        axe(page)
        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="dark")
        assert_no_sideways_scrolling(page)
        axe(page)
        page.set_viewport_size(wide)
        page.emulate_media(color_scheme="light")

    return check


@pytest.fixture(scope="package")
def cast(live_platform: LivePlatform) -> dict[str, Person]:
    """People of the live platform: one for each role of the shop and others."""
    from llmasos.accounts.models import Person, Role

    with live_platform.database():
        shop = found_organisation("shop", "The Shop")
        clinic = found_organisation("clinic", "The Clinic")
        people = {str(role): found_person(shop, f"{role}@shop.example", str(role)) for role in Role}
        people["keyholder"] = found_person(shop, "keyholder@shop.example", "agent", name="Robin Keyholder")
        people["stranger"] = found_person(clinic, "stranger@clinic.example", "administrator")
        people["operator"] = Person.objects.create_user(
            "operator@llmasos.example", PASSWORD, name="Olga Operator", is_operator=True
        )
    return people


def found_organisation(slug: str, name: str) -> Organisation:
    from llmasos.accounts.models import Organisation
    from llmasos.accounts.tenancy import acting_in

    organisation = Organisation(slug=slug, name=name)
    with acting_in(organisation):
        organisation.save(force_insert=True)
    return organisation


def organisation_of(slug: str) -> Organisation:
    """Return an organisation that was founded before."""
    from llmasos.accounts.models import Organisation
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in

    organisation_id = organisation_id_by_slug(slug)
    assert organisation_id is not None
    with acting_in(organisation_id):
        return Organisation.objects.get(pk=organisation_id)


def found_person(organisation: Organisation, email: str, role: str, *, name: str = "") -> Person:
    from llmasos.accounts.models import Membership, Person
    from llmasos.accounts.tenancy import acting_in

    person = Person.objects.create_user(email, PASSWORD, name=name or f"Robin {role.title()}")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role=role)
    return person


@contextmanager
def scripts_held(page: Page, pattern: str) -> Iterator[None]:
    """Hold back the scripts of a page until the block ends, as a slow connection does."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))
    yield
    for route in held:
        route.continue_()
    page.unroute(pattern)


def assert_no_sideways_scrolling(page: Page) -> None:
    # Just after a click the new document may not be there yet.
    page.wait_for_load_state()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px too wide"
