"""What the demo organisations contain: each application registers the loader of its own part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmasos.accounts.models import Organisation

DemoLoader = Callable[["Organisation"], None]
_loaders: dict[str, list[DemoLoader]] = {}


def register_demo(organisation_slug: str, loader: DemoLoader) -> None:
    """Have ``loader`` fill the demo organisation; it runs inside ``acting_in`` and must be repeatable."""
    loaders = _loaders.setdefault(organisation_slug, [])
    if loader not in loaders:
        loaders.append(loader)


def demo_loaders(organisation_slug: str) -> tuple[DemoLoader, ...]:
    return tuple(_loaders.get(organisation_slug, ()))
