"""The pages of the log, privacy and emergency access: empty, crowded, narrow, dark, in Chinese."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import assert_no_sideways_scrolling
from tests.browser.fixtures import Axe, Cast, NewContext, SignIn
from tests.browser.live import LivePlatform

CROWD = 300
PAGES = (
    *("audit/", "audit/?subject=nonsense", "audit/?outcome=failure", "audit/check/", "audit/activity/", "audit/state/"),
    *("privacy/break-glass/", "privacy/break-glass/reviews/"),
)


@pytest.fixture(scope="package")
def crowded(live_platform: LivePlatform, cast: Cast) -> UUID:
    """Give the shop's log pages of an agent's reading, and a grant to review; its id."""
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in
    from llmasos.audit.services import record
    from llmasos.audit.types import Actor, Ref
    from llmasos.privacy.breakglass.models import Grant

    with live_platform.database():
        shop = organisation_id_by_slug("shop")
        assert shop is not None
        readers = [cast["agent"].pk, *(uuid4() for _ in range(5))]
        with acting_in(shop):
            for number in range(CROWD):
                reader = readers[0] if number < CROWD - 50 else readers[number % 6]
                subject = Ref("visitor", uuid4())
                record(
                    organisation_id=shop, actor=Actor("person", reader, "agent"), action="audit.read", subject=subject
                )
            granted_at = timezone.now() - timedelta(days=4)
            grant = Grant.objects.create(
                organisation_id=shop,
                subject_kind="visitor",
                subject_id=uuid4(),
                person_id=cast["agent"].pk,
                role="agent",
                reason="emergency",
                note="Called from the ward, could not wait.",
                granted_at=granted_at,
                expires_at=granted_at + timedelta(minutes=60),
            )
    return grant.pk


@pytest.mark.parametrize(
    "options",
    [{}, {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}],
    ids=["wide", "narrow and dark"],
)
def test_the_pages_are_accessible_and_fit(
    new_context: NewContext, cast: Cast, signed_in: SignIn, axe: Axe, crowded: UUID, options: dict[str, object]
) -> None:
    page = new_context(**options).new_page()
    signed_in(page, cast["auditor"])
    for address in (*PAGES, *addresses_of_one(page, crowded)):
        opened(page, address)
        axe(page)


def test_the_pages_fit_in_chinese_on_a_narrow_screen(
    new_context: NewContext, cast: Cast, signed_in: SignIn, live_platform: LivePlatform, crowded: UUID
) -> None:
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    signed_in(page, cast["auditor"])
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": live_platform.url}])
    for address in (*PAGES, *addresses_of_one(page, crowded)):
        opened(page, address)
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_a_verification_shows_how_it_ended(page: Page, cast: Cast, signed_in: SignIn, axe: Axe, crowded: UUID) -> None:
    signed_in(page, cast["auditor"])
    page.goto("/o/shop/audit/")
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("#check")).to_contain_text("every one is as it was written", timeout=240_000)
    axe(page)


def opened(page: Page, address: str) -> None:
    page.goto(f"/o/shop/{address}")
    for details in page.locator("main details").all():
        details.evaluate("element => element.open = true")
    assert_no_sideways_scrolling(page)


def addresses_of_one(page: Page, grant_id: UUID) -> tuple[str, ...]:
    """The pages of one grant and of one entry."""
    page.goto("/o/shop/audit/?kind=person&action=audit.read")
    href = page.locator("table a[href*='/audit/entries/']").first.get_attribute("href")
    assert href is not None
    entry = href.removeprefix("/o/shop/")
    return f"privacy/break-glass/reviews/{grant_id}/", entry, f"{entry}proof/"
