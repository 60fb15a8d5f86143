from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import organisation_of
from tests.browser.fixtures import Axe, Cast, Looks, SignIn
from tests.browser.live import LivePlatform
from tests.console.runs import make_run


def test_an_operator_sees_services_workers_and_models(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["operator"])
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Platform console").click()
    services = page.get_by_role("region", name="Services").first
    for name in ("PostgreSQL", "Valkey", "Web"):
        expect(services.get_by_role("row", name=name)).to_contain_text("Answers")
    expect(page.locator("#region-workers")).to_contain_text("Ready", timeout=240_000)
    expect(page.locator("#region-models")).to_contain_text("all-minilm-l6-v2")
    expect(page.locator("#region-now")).to_contain_text("Everything answers.")
    axe(page)


def test_a_new_run_appears_without_reloading(
    page: Page, cast: Cast, signed_in: SignIn, axe: Axe, live_platform: LivePlatform
) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/console/")
    runs = page.locator("#region-runs .figure__value").first
    expect(runs).to_have_text("0")
    page.evaluate("document.getElementById('region-models').dataset.untouched = 'yes'")
    store_run(live_platform)
    expect(runs).to_have_text("1")
    expect(page.locator("#region-models")).to_have_attribute("data-untouched", "yes")
    axe(page)


def test_a_hidden_page_does_not_ask(page: Page, cast: Cast, signed_in: SignIn) -> None:
    signed_in(page, cast["operator"])
    page.clock.install()
    page.goto("/console/")
    with page.expect_response("**/console/live?**"):
        page.clock.run_for(2_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})")
    page.clock.run_for(10_000)
    page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'visible', configurable: true})")
    with page.expect_response("**/console/live?**"):
        page.clock.run_for(2_000)
    assert len(asked) == 1


def test_a_lost_server_is_said(page: Page, cast: Cast, signed_in: SignIn, axe: Axe) -> None:
    signed_in(page, cast["operator"])
    page.goto("/console/")
    page.route("**/console/live?**", lambda route: route.abort())
    expect(page.get_by_text("No answer: these figures are old")).to_be_visible()
    axe(page)
    page.unroute("**/console/live?**")
    expect(page.get_by_text("Live, every two seconds")).to_be_visible()


def test_an_administrator_finds_a_key_by_ctrl_k_revokes_it_and_takes_that_back(
    page: Page, cast: Cast, signed_in: SignIn, looks: Looks, live_platform: LivePlatform
) -> None:
    make_key(live_platform, "Till at the door")
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/")
    page.keyboard.press("Control+k")
    search = page.get_by_role("dialog", name="Search")
    expect(search.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("till at")
    expect(search.get_by_role("link", name="Till at the door")).to_be_visible()
    looks(page)
    page.keyboard.press("Enter")
    row = page.get_by_role("row", name="Till at the door")
    row.get_by_role("button", name="Revoke the key Till at the door").click()
    looks(page)
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    row.get_by_role("button", name="Take back that the key Till at the door was revoked").click()
    expect(row).to_contain_text("Works")
    looks(page)


def test_an_administrator_stops_a_run_by_keyboard(
    page: Page, cast: Cast, signed_in: SignIn, looks: Looks, live_platform: LivePlatform
) -> None:
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/console/requests/")
    later = in_an_hour()
    store_run(live_platform, state="queued", started_at=None, finished_at=None, deadline=later, lease_expires_at=later)
    under_way = page.locator("#region-live_runs")
    stop = under_way.get_by_role("button", name="Stop the request")
    stop.focus()
    looks(page)
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The request is asked to stop")).to_be_visible()
    expect(page.locator("#region-ended_runs").get_by_text("Cancelled")).to_be_visible()


def test_every_page_of_the_installation_can_be_used_by_everybody(
    page: Page, cast: Cast, signed_in: SignIn, looks: Looks
) -> None:
    signed_in(page, cast["operator"])
    page.goto("/console/")
    pages = page.get_by_role("navigation", name="Pages of this room").get_by_role("link")
    names = pages.all_inner_texts()
    assert len(names) == 9
    for name in names:
        page.get_by_role("navigation", name="Pages of this room").get_by_role("link", name=name, exact=True).click()
        expect(pages.filter(has_text=name)).to_have_attribute("aria-current", "page")
        looks(page)


def store_run(platform: LivePlatform, **fields: Any) -> None:
    from llmasos.accounts.tenancy import acting_in

    with platform.database():
        shop = organisation_of("shop")
        with acting_in(shop):
            make_run(shop, **{"minutes_ago": 0, "queue_ms": 12.0, "prefill_ms": 90.0, "decode_ms": 800.0, **fields})


def make_key(platform: LivePlatform, name: str) -> None:
    from llmasos.accounts.principals import system_principal
    from llmasos.accounts.services import create_api_key

    with platform.database():
        shop = organisation_of("shop")
        create_api_key(
            principal=system_principal(shop.pk), organisation_id=shop.pk, name=name, scopes=["generate", "embed"]
        )


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)
