"""Which page a request asks for, and how a log may name it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

# An organisation's short name is needed to make sense of a log. Everything else that people can type into an address
# (one-time secrets, site keys, names) is left out; ids and numbers are no secrets.
_SHOWN = frozenset({"slug"})
_SHORT = re.compile(r"[a-z0-9-]{1,50}")
# The pages in whose addresses nothing is typed. They are few, and the way to one leads past hundreds of patterns.
_fixed: dict[str, ResolverMatch] = {}


@dataclass(frozen=True, slots=True)
class Route:
    """The name of the page's view ("" for an address without a page) and its address without what was typed."""

    name: str
    shown: str


def match_of(path: str) -> ResolverMatch:
    """Return the view of an address. Raises Resolver404 where there is none."""
    match = _fixed.get(path)
    if match is None:
        match = resolve(path)
        if not match.args and not match.kwargs:
            _fixed[path] = match
    return match


def route_of(request: HttpRequest) -> Route:
    """Return the route of a request, looked up once."""
    known = getattr(request, "llmasos_route", None)
    if isinstance(known, Route):
        return known
    route = _look_up(request.path_info)
    request.llmasos_route = route  # type: ignore[attr-defined]
    return route


def _look_up(path: str) -> Route:
    try:
        match = match_of(path)
    except Resolver404:
        return Route("", "(no such page)")
    shown = path
    typed = {name: value for name, value in match.kwargs.items() if isinstance(value, str)}
    for name, value in sorted(typed.items(), key=lambda item: -len(item[1])):
        if value and not (name in _SHOWN and _SHORT.fullmatch(value)):
            shown = shown.replace(value, "…")
    return Route(match.view_name, shown)
