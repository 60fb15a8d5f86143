"""Doors: what the home page and the top bar offer to each role; sections: the pages behind one door.

Applications register both in ``AppConfig.ready``; the platform never names an application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.urls import reverse

if TYPE_CHECKING:
    from django.utils.functional import Promise

Accent = Literal["teal", "violet", "blue", "slate"]

ROOMS: dict[Accent, str] = {"teal": "support", "violet": "tutor", "blue": "clinical", "slate": "console"}


class DoorConflictError(RuntimeError):
    """Two packages registered different doors, or sections, under one key."""


# How many things wait in a section of an organisation; inside ``acting_in``.
Count = Callable[[UUID], int]


@dataclass(frozen=True, slots=True)
class Door:
    """One place that members of an organisation may enter.

    ``roles`` empty means every member. ``url_name`` takes the organisation's ``slug``.
    ``icon`` is a symbol of ``ui/icons.svg``.
    """

    key: str
    label: str | Promise
    url_name: str
    roles: frozenset[str]
    accent: Accent
    icon: str
    description: str | Promise
    order: int

    @property
    def room(self) -> str:
        """Return the value of ``data-app`` in this room."""
        return ROOMS[self.accent]

    @property
    def namespace(self) -> str:
        return self.url_name.partition(":")[0]

    def opens_for(self, roles: Iterable[str]) -> bool:
        return not self.roles or not self.roles.isdisjoint(roles)

    def address(self, slug: str) -> str:
        return reverse(self.url_name, kwargs={"slug": slug})


_doors: dict[str, Door] = {}


def register_door(
    key: str,
    label: str | Promise,
    url_name: str,
    roles: Iterable[str] = (),
    accent: Accent = "slate",
    icon: str = "forward",
    description: str | Promise = "",
    *,
    order: int = 50,
) -> None:
    """Offer a door; the same key again must mean the same door."""
    door = Door(key, label, url_name, frozenset(roles), accent, icon, description, order)
    present = _doors.setdefault(key, door)
    if (present.url_name, present.roles) != (door.url_name, door.roles):
        raise DoorConflictError(f"the door {key!r} is already registered for {present.url_name}")


def doors() -> tuple[Door, ...]:
    """Return every door, in the order in which they are shown."""
    return tuple(sorted(_doors.values(), key=lambda door: (door.order, door.key)))


def doors_for(roles: Iterable[str]) -> tuple[Door, ...]:
    """Return the doors that any of ``roles`` opens."""
    held = frozenset(roles)
    return tuple(door for door in doors() if door.opens_for(held))


@dataclass(frozen=True, slots=True)
class Section:
    """One of the pages behind a door, shown beside the others on each of them.

    ``roles`` empty means everybody for whom the door opens. ``url_name`` takes the organisation's ``slug``.
    ``count`` says how many things wait there for those who may open it; the door shows the sum.
    """

    key: str
    door: str
    label: str | Promise
    url_name: str
    roles: frozenset[str]
    order: int
    count: Count | None = None

    def opens_for(self, roles: Iterable[str]) -> bool:
        return not self.roles or not self.roles.isdisjoint(roles)

    def address(self, slug: str) -> str:
        return reverse(self.url_name, kwargs={"slug": slug})


_sections: dict[tuple[str, str], Section] = {}


def register_section(
    door: str,
    key: str,
    label: str | Promise,
    url_name: str,
    roles: Iterable[str] = (),
    *,
    order: int = 50,
    count: Count | None = None,
) -> None:
    """Offer a page behind the door named ``door``; the same key again must mean the same page."""
    section = Section(key, door, label, url_name, frozenset(roles), order, count)
    present = _sections.setdefault((door, key), section)
    if (present.url_name, present.roles) != (section.url_name, section.roles):
        raise DoorConflictError(f"the section {key!r} of {door!r} is already registered for {present.url_name}")


def sections_of(door: str, roles: Iterable[str]) -> tuple[Section, ...]:
    """Return the pages behind a door that any of ``roles`` opens, in the order in which they are shown."""
    held = frozenset(roles)
    found = (section for section in _sections.values() if section.door == door and section.opens_for(held))
    return tuple(sorted(found, key=lambda section: (section.order, section.key)))
