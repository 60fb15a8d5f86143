"""The demo organisations and their people. Each application registers the loader of its own part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from llmasos.accounts.models import Organisation

DemoLoader = Callable[["Organisation"], None]
_loaders: dict[str, list[DemoLoader]] = {}

# Known to everyone, which is why production refuses it.
PASSWORD = "open-demo-house"  # noqa: S105
ORGANISATIONS = {"shop": "Northwind Outdoor", "school": "Riverside School", "clinic": "Harbour Clinic"}


class DemoRefusedError(Exception):
    """Demo accounts do not belong on a production system."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    organisation: str
    role: str
    email: str


def register_demo(organisation_slug: str, loader: DemoLoader) -> None:
    """Have ``loader`` fill the demo organisation; it runs inside ``acting_in`` and must be repeatable."""
    loaders = _loaders.setdefault(organisation_slug, [])
    if loader not in loaders:
        loaders.append(loader)


def demo_loaders(organisation_slug: str) -> tuple[DemoLoader, ...]:
    return tuple(_loaders.get(organisation_slug, ()))


def demo_people() -> tuple[DemoPerson, ...]:
    """Return who signs in to the demo: one person a role in each organisation."""
    from llmasos.accounts.models import Role

    return tuple(DemoPerson(slug, role, f"{role}@{slug}.example") for slug in ORGANISATIONS for role in Role.values)


def load(*, progress: Callable[[str], object] = lambda line: None) -> tuple[DemoPerson, ...]:
    """Add what is missing of the demo organisations, their people and their contents.

    Raises:
        DemoRefusedError: this is a production system.
    """
    from llmasos.accounts.models import Organisation
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.services import add_organisation
    from llmasos.accounts.tenancy import acting_in

    if settings.PRODUCTION:
        raise DemoRefusedError("Demo organisations are refused in production: their password is public.")
    for slug, name in ORGANISATIONS.items():
        organisation_id = organisation_id_by_slug(slug)
        if organisation_id is None:
            organisation_id = add_organisation(slug=slug, name=name, is_demo=True).pk
        with acting_in(organisation_id):
            organisation = Organisation.objects.get(pk=organisation_id)
        _add_people(organisation)
        for loader in demo_loaders(slug):
            with acting_in(organisation):
                loader(organisation)
        progress(f"{slug}: {organisation.name} is ready")
    return demo_people()


def _add_people(organisation: Organisation) -> None:
    from llmasos.accounts.models import Membership, Person
    from llmasos.accounts.principals import system_principal
    from llmasos.accounts.services import add_membership, add_person
    from llmasos.accounts.tenancy import acting_in

    principal = system_principal(organisation.pk)
    for row in demo_people():
        if row.organisation != organisation.slug:
            continue
        person = Person.objects.filter(email=row.email).first()
        if person is None:
            person = add_person(
                email=row.email,
                password=PASSWORD,
                name=f"{row.role.title()}, {organisation.name}",
                # The shop's administrator also looks after the installation.
                is_operator=(row.organisation, row.role) == ("shop", "administrator"),
            )
        with acting_in(organisation):
            is_member = Membership.objects.for_organisation(organisation).filter(person=person).exists()
            if not is_member:
                add_membership(principal=principal, organisation_id=organisation.pk, person_id=person.pk, role=row.role)
