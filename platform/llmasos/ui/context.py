"""What every page's frame shows: who, where, which doors, which language and theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch
from django.utils.translation import get_language

from llmasos.accounts.queries import MembershipView, memberships_of
from llmasos.accounts.tenancy import acting_in
from llmasos.ui.navigation import Door, Section, doors, doors_for, sections_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from llmasos.accounts.models import Organisation, Person

THEME_COOKIE = "llmasos_theme"
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class OpenSection:
    """A page behind a door, with how many things wait there."""

    section: Section
    href: str
    current: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """A door of one organisation as a page shows it."""

    door: Door
    href: str
    current: bool
    sections: tuple[OpenSection, ...] = ()

    @property
    def count(self) -> int:
        return sum(section.count for section in self.sections)


def open_doors(membership: MembershipView, *, path: str = "", counted: bool = False) -> tuple[OpenDoor, ...]:
    """Return the doors that a member may open; one whose pages are not mounted is left out.

    With ``counted`` each says how many things wait behind it.
    """
    found = []
    for door in doors_for(membership.roles):
        try:
            href = door.address(membership.slug)
        except NoReverseMatch:
            continue
        sections = open_sections(membership, door, path=path) if counted else ()
        current = path.startswith(href) or any(section.current for section in sections)
        found.append(OpenDoor(door, href, current, sections))
    return tuple(found)


def open_sections(membership: MembershipView, door: Door, *, path: str) -> tuple[OpenSection, ...]:
    """Return the pages behind ``door`` for a member; the longest address that ``path`` begins with is current."""
    places = []
    for section in sections_of(door.key, membership.roles):
        try:
            places.append((section, section.address(membership.slug)))
        except NoReverseMatch:
            continue
    begun = (href for _, href in places if path.startswith(href))
    here = max(begun, key=len, default="")
    return tuple(
        OpenSection(section, href, href == here, waiting(section, membership.organisation_id))
        for section, href in places
    )


def waiting(section: Section, organisation_id: UUID) -> int:
    """Return how many things wait in a section."""
    if section.count is None:
        return 0
    with acting_in(organisation_id):
        return section.count(organisation_id)


class Shell:
    """The frame around a page. Everything is read on first use, so that a fragment costs nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def person(self) -> Person | None:
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def person_name(self) -> str:
        return str(self.person) if self.person else ""

    @property
    def organisation(self) -> Organisation | None:
        return getattr(self._request, "organisation", None)

    @cached_property
    def namespace(self) -> str:
        match = self._request.resolver_match
        return match.namespace if match else ""

    @cached_property
    def membership(self) -> MembershipView | None:
        if self.person is None or self.organisation is None:
            return None
        found = (view for view in memberships_of(self.person.pk) if view.organisation_id == self.organisation.pk)
        return next(found, None)

    @cached_property
    def navigation(self) -> tuple[OpenDoor, ...]:
        return open_doors(self.membership, path=self._request.path, counted=True) if self.membership else ()

    @cached_property
    def sections(self) -> tuple[OpenSection, ...]:
        """Return the pages behind the door at hand; nothing where there is only one."""
        found = next((door.sections for door in self.navigation if door.current), ())
        return found if len(found) > 1 else ()

    @cached_property
    def app(self) -> str:
        """Return the room whose colours the page wears."""
        return next((door.room for door in doors() if door.namespace == self.namespace), "home")

    @property
    def theme(self) -> str:
        theme = self._request.COOKIES.get(THEME_COOKIE, "system")
        return theme if theme in THEMES else "system"

    @property
    def language(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, str(name)) for code, name in settings.LANGUAGES]

    @property
    def here(self) -> str:
        return self._request.get_full_path()

    @property
    def demo(self) -> bool:
        return bool(settings.LLMASOS_DEMO)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``shell`` and the ``navigation`` of the organisation at hand."""
    frame = Shell(request)
    return {"shell": frame}
