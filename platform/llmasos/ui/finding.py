"""Searching for places to go: pages, and things that packages know how to find for who asks.

Packages register theirs in ``AppConfig.ready``. What is typed is looked for and forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
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
    """Return what fits the text, pages first and each finder with its share; with no text, the pages alone."""
    asked = Asked(person, text.strip()[:LONGEST_TEXT], memberships_of(person.pk))
    if not asked.text:
        return list(islice(_pages(asked), SHOWN))
    found = [list(islice(find(asked), EACH)) for find in (_pages, *_finders.values())]
    return [
        one for kind, share in zip(found, _shares([len(kind) for kind in found]), strict=True) for one in kind[:share]
    ]


def _shares(wanted: Sequence[int]) -> list[int]:
    """Return how many of each kind are shown: one of each in turn until the list is full, so that none fills it."""
    shares = [0] * len(wanted)
    while sum(shares) < min(SHOWN, sum(wanted)):
        for kind, number in enumerate(wanted):
            if shares[kind] < number and sum(shares) < SHOWN:
                shares[kind] += 1
    return shares


def _pages(asked: Asked) -> Iterator[Found]:
    for view in asked.memberships:
        for opened in open_doors(view):
            door = opened.door
            if asked.fits(door.label, view.name, door.description):
                yield Found(str(door.label), view.name, opened.href)
            for section in sections_of(door.key, view.roles) if asked.text else ():
                if section.url_name == door.url_name or not asked.fits(section.label, door.label, view.name):
                    continue
                # As with doors: a page that is not mounted is left out.
                with suppress(NoReverseMatch):
                    yield Found(f"{door.label}: {section.label}", view.name, section.address(view.slug))
    for label, name in (
        (_("Home"), "ui:home"),
        (_("Sign-in security"), "mfa_index"),
        (_("Password"), "account_change_password"),
        (_("E-mail addresses"), "account_email"),
    ):
        if asked.fits(label):
            yield Found(label, _("Your account"), reverse(name))
