from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from support_bot.models import Site

if TYPE_CHECKING:
    import redis


@dataclass
class Widget:
    """The widget's side of the wire: one browser on one site."""

    site: Site
    client: Client
    token: str = ""

    def begin(self) -> None:
        self.token = self.post("session").json()["token"]

    def ask(self, text: str, *, client_id: str = "") -> HttpResponse:
        return self.post("messages", {"client_id": client_id or str(uuid4()), "text": text})

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        return self.client.post(
            f"/widget/{self.site.key}/{path}",
            data=json.dumps(body or {}),
            content_type="application/json",
            headers=self.headers(headers),
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/widget/{self.site.key}/{path}", headers=self.headers(headers))

    def headers(self, extra: dict[str, str]) -> dict[str, str]:
        return ({"Authorization": f"Visitor {self.token}"} if self.token else {}) | extra


OpenWidget = Callable[[Site], Widget]


def make_site(organisation: Organisation, **values: Any) -> Site:
    with acting_in(organisation):
        return Site.objects.create(organisation=organisation, **({"name": "Help"} | values))


@pytest.fixture
def site(organisation: Organisation) -> Site:
    return make_site(organisation, allowed_origins=["https://shop.example"])


@pytest.fixture
def other_site(other_organisation: Organisation) -> Site:
    return make_site(other_organisation)


@pytest.fixture
def open_widget(valkey: redis.Redis) -> OpenWidget:
    """Open the widget on a site as a new visitor."""

    def open_on(site: Site) -> Widget:
        widget = Widget(site, Client())
        widget.begin()
        return widget

    return open_on


@pytest.fixture
def widget(open_widget: OpenWidget, site: Site) -> Widget:
    return open_widget(site)
