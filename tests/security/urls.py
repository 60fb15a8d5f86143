"""Every address of the site, for tests that walk them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

EXAMPLE_ID = UUID("00000000-0000-4000-8000-000000000001")
_EXAMPLES: dict[str, str] = {"uuid": str(EXAMPLE_ID), "slug": "shop", "int": "1", "str": "example", "path": "example"}
_REGEX_EXAMPLES = {
    "account_confirm_email": "confirm-email/example/",
    "account_reset_password_from_key": "password/reset/key/1-example/",
}


@dataclass(frozen=True)
class Address:
    """A page's view name, an example of its path, and its view."""

    name: str
    path: str
    pattern: URLPattern

    @property
    def path_pattern(self) -> str:
        return str(self.pattern.pattern)


def addresses() -> list[Address]:
    """Return every page, those of Django's own administration by their sign-in and start alone."""
    found = list(_walk(get_resolver(), "/", ""))
    return [one for one in found if not one.name.startswith("admin:") or one.name in ("admin:login", "admin:index")]


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = ":".join(filter(None, [namespace, entry.namespace]))
            yield from _walk(entry, prefix + _example(entry), inner)
        else:
            name = ":".join(filter(None, [namespace, entry.name]))
            yield Address(name, prefix + _example(entry, name), entry)


def _example(entry: URLPattern | URLResolver, name: str = "") -> str:
    if not isinstance(entry.pattern, RoutePattern):
        return _REGEX_EXAMPLES.get(name, "example/")
    route = str(entry.pattern)
    for kind, example in _EXAMPLES.items():
        while f"<{kind}:" in route:
            start = route.index(f"<{kind}:")
            route = route[:start] + example + route[route.index(">", start) + 1 :]
    return route
