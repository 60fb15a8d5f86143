"""What every response says to browsers and caches, error pages and static files included."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from llmasos.accounts.models import Organisation, Person
from tests.databases import process_environment
from tests.security.urls import Address, addresses
from tests.services import ROOT
from tests.support_bot.conftest import make_site

ADDRESSES = addresses()
# The only pages that may be kept, since they say the same to everybody.
KEPT = {"ui:icon", "ui:manifest", "ui:service_worker"}

# Opened in a learning platform's frame, its refusal must be readable there; it shows nobody's data.
FRAMED = {"tutor:lti_connect"}


def faults_of(address: Address, answer: HttpResponseBase) -> list[str]:
    """Return what a response leaves open."""
    policy = answer.headers.get("Content-Security-Policy", "")
    crossing = "cross-origin" if address.name == "support_bot:frame" else "same-origin"
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    checks = {
        "policy": all(part in policy for part in ("default-src 'none'", "base-uri 'none'")),
        "frames": "frame-ancestors 'none'" in policy
        or (address.name in FRAMED and "frame-ancestors https:" in policy and answer.status_code == 403),
        "no exception in the policy": "unsafe" not in policy,
        "nosniff": answer.headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": answer.headers.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "resource": answer.headers.get("Cross-Origin-Resource-Policy") == crossing,
        "permissions": "camera=()" in answer.headers.get("Permissions-Policy", ""),
        "no CORS": not [name for name in answer.headers if name.lower().startswith("access-control-")],
        "opener": not is_page or answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "no store": address.name in KEPT or "no-store" in answer.headers.get("Cache-Control", ""),
    }
    return [f"{address.path} {answer.status_code}: {name}" for name, holds in checks.items() if not holds]


@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "signed in"])
def test_every_response_says_what_a_browser_may_do(owner: Person, valkey: object, *, signed_in: bool) -> None:
    client = Client(raise_request_exception=False)
    faults: list[str] = []
    for address in ADDRESSES:
        if signed_in:
            client.force_login(owner)
        faults += faults_of(address, client.get(address.path))
    assert faults == []


@pytest.mark.parametrize("path", ["/no/such/page/", "/o/clinic/", "/o/shop/console/"])
def test_error_pages_are_no_exception(path: str, teammate: Person) -> None:
    client = Client()
    client.force_login(teammate)
    answer = client.get(path)
    assert answer.status_code in (403, 404)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"


def test_a_refused_host_and_a_refused_form_are_no_exception(db: None) -> None:
    refused = (
        Client().get("/", headers={"host": "evil.example"}),
        Client(enforce_csrf_checks=True).post("/preferences/theme", {"theme": "dark"}),
    )
    for answer, status in zip(refused, (400, 403), strict=True):
        assert answer.status_code == status
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]


def test_a_preflight_of_another_site_is_given_nothing(organisation: Organisation, valkey: object) -> None:
    site = make_site(organisation, allowed_origins=["https://shop.example"])
    for path in ("/api/search", "/v1/models", f"/widget/{site.key}/messages", f"/widget/{site.key}/session"):
        answer = Client().options(
            path, headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        )
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_the_frame_of_a_site_is_framed_by_that_site_alone(organisation: Organisation) -> None:
    site = make_site(organisation, allowed_origins=["https://shop.example"])
    answer = Client().get(f"/widget/{site.key}/")
    assert "frame-ancestors https://shop.example" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer


PRODUCTION = """
import asyncio, sys
import httpx
from llmasos.asgi import application

async def main():
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://assistant.example") as client:
        answer = await client.get("/accounts/login/", headers={"X-Forwarded-Proto": "https"})
        print(answer.status_code, dict(answer.headers), answer.headers.get_list("set-cookie"))
        plain = await client.get("http://assistant.example/accounts/login/")
        print(plain.status_code, plain.headers.get("location"))
        away = await client.get("/accounts/login/", headers={"Host": "evil.example"})
        print(away.status_code, dict(away.headers))

asyncio.run(main())
"""


def test_production_insists_on_https_and_on_cookies_of_one_host(committed_database: str, valkey: object) -> None:
    environment = process_environment(committed_database) | {
        "LLMASOS_ENV": "production",
        "LLMASOS_HOSTS": "assistant.example",
        "LLMASOS_DEMO": "0",
        "LLMASOS_LOG_LEVEL": "ERROR",
    }
    subprocess.run(
        [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity=0"],
        env=environment,
        cwd=ROOT,
        check=True,
    )
    printed = subprocess.run(
        [sys.executable, "-c", PRODUCTION], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    served, redirected, refused = printed
    assert served.startswith("200")
    assert "'strict-transport-security': 'max-age=31536000; includeSubDomains'" in served
    assert "__Host-csrf=" in served
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in served.rpartition("[")[2]
    assert redirected == "301 https://assistant.example/accounts/login/"
    assert refused.startswith("400")
    assert "default-src 'none'" in refused


def test_static_files_say_as_much() -> None:
    from wsgiref.headers import Headers

    from llmasos.asgi import add_security_headers

    headers = Headers()
    add_security_headers(headers, "", f"/{settings.STATIC_URL.strip('/')}/ui/icons/icon.svg")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in str(headers["Content-Security-Policy"])
    assert "default-src 'none'" in str(headers["Content-Security-Policy"])
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    widget = Headers()
    add_security_headers(widget, "", f"/{settings.STATIC_URL.strip('/')}/support_bot/widget.0123456789ab.js")
    assert widget["Cross-Origin-Resource-Policy"] == "cross-origin"
