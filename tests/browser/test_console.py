from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.fixtures import Axe, Cast, SignIn
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


def store_run(platform: LivePlatform) -> None:
    from llmasos.accounts.models import Organisation
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in

    with platform.database():
        shop = organisation_id_by_slug("shop")
        assert shop is not None
        with acting_in(shop):
            make_run(Organisation.objects.get(pk=shop), minutes_ago=0, queue_ms=12.0, prefill_ms=90.0, decode_ms=800.0)
