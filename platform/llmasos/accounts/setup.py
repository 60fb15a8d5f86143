"""Setting an empty installation up, once, by whoever holds the link that its console printed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts import mail
from llmasos.accounts.errors import AccountsError
from llmasos.accounts.models import Person, Role, SetupLink
from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.services import add_membership, add_organisation, add_person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LIFETIME = timedelta(hours=24)


class SetupClosedError(AccountsError):
    """The installation is set up already, or the link is not the one that was printed last."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A question of another package on the set-up page, such as the default model.

    ``options`` gives values and labels, the first one proposed. The option whose value is ``other`` is answered in a
    text field named ``other_label``; ``check`` raises a ValidationError for a text that ``apply`` could not take.
    """

    key: str
    label: StrOrPromise
    options: Callable[[], list[tuple[str, StrOrPromise]]]
    apply: Callable[[str], object]
    other: str = ""
    other_label: StrOrPromise = ""
    other_help: StrOrPromise = ""
    check: Callable[[str], object] | None = None


_choices: dict[str, Choice] = {}


def register_choice(choice: Choice) -> None:
    """Have the set-up page ask one more question; ``apply`` runs in the transaction that sets up."""
    _choices[choice.key] = choice


def choices() -> tuple[Choice, ...]:
    return tuple(_choices.values())


def is_open() -> bool:
    """Say whether this installation has no organisation yet."""
    return not organisation_ids()


def make_link_secret() -> str:
    """Return the secret of a new set-up link, which replaces any earlier one.

    Raises:
        SetupClosedError: there is an organisation already.
    """
    if not is_open():
        raise SetupClosedError(_("This installation is set up already."))
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        SetupLink.objects.all().delete()
        SetupLink.objects.create(secret_digest=_digest(secret), expires_at=timezone.now() + LIFETIME)
    return secret


def check_link(secret: str) -> None:
    """Return when the link may set up.

    Raises:
        SetupClosedError: it may not.
    """
    valid = SetupLink.objects.filter(secret_digest=_digest(secret), expires_at__gt=timezone.now()).exists()
    if not valid or not is_open():
        raise SetupClosedError(_("This link does not work any more."))


def set_up(secret: str, values: Mapping[str, Any]) -> Person:
    """Make the first organisation and its administrator, who also operates the installation.

    Raises:
        SetupClosedError: someone else was first, or the link is not valid.
        ValidationError: a value is not acceptable.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two browsers may send the form at once.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('llmasos.accounts/setup', 0))")
        check_link(secret)
        organisation = add_organisation(
            slug=values["slug"],
            name=values["organisation"],
            time_zone=values["time_zone"],
            language=values["language"],
        )
        person = add_person(
            email=values["email"],
            password=values["password"],
            name=values["person_name"],
            language=values["language"],
            is_operator=True,
        )
        add_membership(
            principal=system_principal(organisation.pk),
            organisation_id=organisation.pk,
            person_id=person.pk,
            role=Role.ADMINISTRATOR,
        )
        if values["mail"] == "smtp":
            mail.configure(
                host=values["mail_host"],
                port=values["mail_port"],
                security=values["mail_security"],
                username=values["mail_username"],
                password=values["mail_password"],
                from_address=values["mail_sender"],
            )
        for choice in choices():
            if answer := values.get(f"choice_{choice.key}"):
                choice.apply(answer)
        SetupLink.objects.all().delete()
    return person


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()
