"""Searching for places to go: pages, and things that packages know how to find for who asks.

Packages register theirs in ``AppConfig.ready``. What is typed is looked for and forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from llmasos.accounts.queries import MembershipView, memberships_of
from llmasos.ui.context import open_doors
from llmasos.ui.navigation import sections_of

if TYPE_CHECKING:
    from llmasos.accounts.models import Person

SHOWN = 20
EACH = 8
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A place to go: its name, what it is or where it lies, and its address."""

    label: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what, and where that person belongs. ``text`` is trimmed and may be empty."""

    person: Person
    text: str
    memberships: tuple[MembershipView, ...]

    def fits(self, *texts: object) -> bool:
        """Say whether every word that was typed is somewhere in ``texts``."""
        held = " ".join(str(text) for text in texts).casefold()
        return all(word in held for word in self.text.casefold().split())

    def with_role(self, role: str) -> tuple[MembershipView, ...]:
        """Return the organisations in which the person holds a role."""
        return tuple(view for view in self.memberships if role in view.roles)


Finder = Callable[[Asked], Iterable[Found]]
_finders: dict[str, Finder] = {}


def register_finder(key: str, find: Finder) -> None:
    """Have ``find`` asked as well; it returns only what the person may open. The same key again replaces it."""
    _finders[key] = find


def search(person: Person, text: str) -> list[Found]:
    """Return what fits the text, pages first; with no text, the pages alone."""
    asked = Asked(person, text.strip()[:LONGEST_TEXT], memberships_of(person.pk))
    found = list(_limited(_pages(asked), SHOWN if not asked.text else EACH))
    if asked.text:
        for find in _finders.values():
            found += _limited(find(asked), EACH)
    return found[:SHOWN]


def _pages(asked: Asked) -> Iterator[Found]:
    for view in asked.memberships:
        for opened in open_doors(view):
            door = opened.door
            if asked.fits(door.label, view.name, door.description):
                yield Found(str(door.label), view.name, opened.href)
            for section in sections_of(door.key, view.roles) if asked.text else ():
                if section.url_name != door.url_name and asked.fits(section.label, door.label, view.name):
                    yield Found(f"{door.label}: {section.label}", view.name, section.address(view.slug))
    for label, name in (
        (_("Home"), "ui:home"),
        (_("Sign-in security"), "mfa_index"),
        (_("Password"), "account_change_password"),
        (_("E-mail addresses"), "account_email"),
    ):
        if asked.fits(label):
            yield Found(label, _("Your account"), reverse(name))


def _limited(found: Iterable[Found], most: int) -> Iterator[Found]:
    for number, one in enumerate(found):
        if number == most:
            return
        yield one
