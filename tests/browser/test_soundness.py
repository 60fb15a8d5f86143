"""Pages that no journey passes: nothing is missing on them, and they are accessible."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Axe, Cast, NewContext, SignIn
from tests.browser.live import LivePlatform


@pytest.fixture
def missing(page: Page) -> list[str]:
    """What the page asked for and did not get, the browser's own requests included."""
    found: list[str] = []
    page.on("response", lambda answer: found.append(answer.url) if answer.status >= 400 else None)
    page.on("requestfailed", lambda request: found.append(request.url))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.mark.parametrize("address", ["/demo/shop/", "/demo/shop/help/", "/", "/accounts/login/", "/api/docs/"])
def test_nothing_that_a_page_asks_for_is_missing(page: Page, missing: list[str], address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert missing == []


def test_a_browser_that_looks_for_an_icon_finds_it(page: Page) -> None:
    answer = page.request.get("/favicon.ico")
    assert answer.ok
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("width", [1280, 320])
def test_the_api_documentation_is_accessible(new_context: NewContext, axe: Axe, width: int) -> None:
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto("/api/docs/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("LLMasOS")
    expect(page.locator("#documentation")).to_contain_text("/api/search")
    axe(page)


@pytest.mark.parametrize(
    "options",
    [{}, {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}],
    ids=["wide", "narrow and dark"],
)
def test_a_collection_is_accessible_empty_and_with_documents(
    new_context: NewContext,
    cast: Cast,
    signed_in: SignIn,
    axe: Axe,
    live_platform: LivePlatform,
    tmp_path: Path,
    options: dict[str, object],
) -> None:
    page = new_context(**options).new_page()
    signed_in(page, cast["administrator"])
    page.goto("/o/shop/knowledge/")
    page.get_by_label("Name").fill(f"Handbook {len(options)}")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_text("No documents yet")).to_be_visible()
    axe(page)
    lamps, words = tmp_path / "lamps.txt", tmp_path / "words.pdf"
    lamps.write_text(f"Lamps glow for {len(options)} years.")
    words.write_text("These are words and no PDF.")
    page.get_by_label("File").set_input_files(lamps)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#documents")).to_contain_text("Ready", timeout=240_000)
    axe(page)
    page.get_by_label("Question").fill("How long do lamps glow?")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#hits")).to_contain_text("Lamps glow")
    assert "How" not in page.url
    axe(page)
    page.get_by_label("File").set_input_files(words)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("not what its name says").first).to_be_visible()
    axe(page)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").first.click()
    assert Path(downloading.value.path()).read_text().startswith("Lamps glow")
