from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Organisation
from support_bot.models import Site
from support_bot.widget.frame import ink_on
from tests.support_bot.conftest import make_site

pytestmark = pytest.mark.django_db


def directives(client: Client, site: Site) -> dict[str, str]:
    policy = client.get(f"/widget/{site.key}/")["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


def test_only_the_sites_own_pages_may_embed_the_frame(client: Client, organisation: Organisation) -> None:
    site = make_site(organisation, allowed_origins=["https://shop.example", "https://www.shop.example"])
    assert directives(client, site)["frame-ancestors"] == "https://shop.example https://www.shop.example"


def test_a_site_without_pages_cannot_be_embedded(client: Client, organisation: Organisation) -> None:
    assert directives(client, make_site(organisation))["frame-ancestors"] == "'none'"


def test_the_platforms_own_pages_are_named_by_the_keyword(client: Client, organisation: Organisation) -> None:
    assert directives(client, make_site(organisation, allowed_origins=["self"]))["frame-ancestors"] == "'self'"


def test_the_frame_may_load_nothing_from_elsewhere(client: Client, site: Site) -> None:
    policy = directives(client, site)
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}


def test_the_older_frame_header_does_not_stand_in_the_way(client: Client, site: Site) -> None:
    assert "X-Frame-Options" not in client.get(f"/widget/{site.key}/")


def test_the_frame_speaks_to_the_page_that_is_allowed(client: Client, site: Site) -> None:
    page = client.get(f"/widget/{site.key}/", {"origin": "https://shop.example"})
    assert 'data-host-origin="https://shop.example"' in page.content.decode()


def test_the_frame_speaks_to_no_other_page(client: Client, site: Site) -> None:
    page = client.get(f"/widget/{site.key}/", {"origin": "https://evil.example"})
    assert 'data-host-origin=""' in page.content.decode()


def test_the_frame_says_that_it_is_a_machine_and_links_the_privacy_notice(
    client: Client, organisation: Organisation
) -> None:
    site = make_site(organisation, privacy_url="https://shop.example/privacy")
    page = client.get(f"/widget/{site.key}/").content.decode()
    assert "I am a machine" in page
    assert 'href="https://shop.example/privacy"' in page


def test_a_greeting_stays_text(client: Client, organisation: Organisation) -> None:
    page = client.get(f"/widget/{make_site(organisation, greeting='<img src=x onerror=alert(1)>').key}/")
    assert "<img" not in page.content.decode()


@pytest.mark.parametrize("state", ["unknown", "inactive"])
def test_a_closed_chat_says_so(client: Client, organisation: Organisation, state: str) -> None:
    key = "site_unknown" if state == "unknown" else make_site(organisation, active=False).key
    page = client.get(f"/widget/{key}/")
    assert page.status_code == 404
    assert "not available" in page.content.decode()


@pytest.mark.parametrize(("accent", "ink"), [("#0f766e", "#ffffff"), ("#ffd34d", "#000000"), ("#ffffff", "#000000")])
def test_the_accent_gets_an_ink_that_can_be_read(accent: str, ink: str) -> None:
    assert ink_on(accent) == ink
