"""Sign-in: what allauth is told, and what the log is told about it."""

from __future__ import annotations

from typing import Any, Literal

from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa import signals as mfa_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import signals as auth_signals
from django.http import HttpRequest, HttpResponse

from llmasos.accounts import languages, mail, second_factors
from llmasos.accounts.models import Person
from llmasos.accounts.queries import memberships_of
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor, Ref


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """People come by invitation or set-up, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_from_email(self) -> str:
        return mail.sender()

    def post_login(self, request: HttpRequest, user: Person, **details: Any) -> HttpResponse:
        """Continue in the language of the account; one without a language keeps the browser's."""
        response: HttpResponse = super().post_login(request, user, **details)
        languages.remember(response, user.language)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Seals one-time-password secrets and recovery codes before they are stored."""

    def encrypt(self, text: str) -> str:
        return second_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unseal(encrypted_text)


def record_for_person(
    person: Person,
    action: str,
    *,
    actor: Actor | None = None,
    outcome: Literal["success", "denied"] = "success",
    digests: dict[str, str] | None = None,
) -> None:
    """Record in the log of every organisation that the person belongs to; else in the installation's.

    Called outside ``acting_in``.
    """
    actor = actor or Actor("person", person.pk)
    account = Ref("person", person.pk)
    organisations = [membership.organisation_id for membership in memberships_of(person.pk)]
    for organisation_id in organisations:
        with acting_in(organisation_id):
            record(
                organisation_id=organisation_id,
                actor=actor,
                action=action,
                object=account,
                outcome=outcome,
                digests=digests,
            )
    if not organisations:
        record(organisation_id=PLATFORM, actor=actor, action=action, object=account, outcome=outcome, digests=digests)


def on_signed_in(sender: Any, request: HttpRequest | None, user: Person, **details: Any) -> None:
    record_for_person(user, "accounts.signed_in")


def on_signed_out(sender: Any, request: HttpRequest | None, user: Person | None, **details: Any) -> None:
    if user is not None:
        record_for_person(user, "accounts.signed_out")


def on_sign_in_failed(sender: Any, credentials: dict[str, Any], **details: Any) -> None:
    """Record a failure by the person's id; an address that nobody here has leaves no trace of itself."""
    address = str(credentials.get("email") or credentials.get("username") or "").lower()
    person = Person.objects.filter(email=address).first() if address else None
    if person is None:
        record(organisation_id=PLATFORM, actor=Actor("visitor"), action="accounts.sign_in_failed", outcome="denied")
    else:
        record_for_person(person, "accounts.sign_in_failed", actor=Actor("visitor"), outcome="denied")


def on_second_factor_failed(sender: Any, user: Person, **details: Any) -> None:
    record_for_person(
        user, "accounts.sign_in_failed", actor=Actor("visitor"), outcome="denied", digests={"step": "second-factor"}
    )


def on_password_changed(sender: Any, user: Person, **details: Any) -> None:
    record_for_person(user, "accounts.password_changed")


def on_password_reset(sender: Any, user: Person, **details: Any) -> None:
    record_for_person(user, "accounts.password_reset")


def on_address_changed(sender: Any, user: Person | None = None, email_address: Any = None, **details: Any) -> None:
    person = user or getattr(email_address, "user", None)
    if person is not None:
        record_for_person(person, "accounts.address_changed")


def on_second_factor_added(sender: Any, user: Person, authenticator: Any, **details: Any) -> None:
    record_for_person(user, "accounts.second_factor_added", digests={"type": str(authenticator.type)})


def on_second_factor_removed(sender: Any, user: Person, authenticator: Any, **details: Any) -> None:
    record_for_person(user, "accounts.second_factor_removed", digests={"type": str(authenticator.type)})


def connect_records() -> None:
    """Have Django's and allauth's own events recorded. A sign-in that cannot be recorded fails."""
    for signal, receiver in (
        (auth_signals.user_logged_in, on_signed_in),
        (auth_signals.user_logged_out, on_signed_out),
        (auth_signals.user_login_failed, on_sign_in_failed),
        (account_signals.email_added, on_address_changed),
        (account_signals.email_changed, on_address_changed),
        (account_signals.email_confirmed, on_address_changed),
        (account_signals.email_removed, on_address_changed),
        (account_signals.password_changed, on_password_changed),
        (account_signals.password_set, on_password_changed),
        (account_signals.password_reset, on_password_reset),
        (mfa_signals.authentication_failed, on_second_factor_failed),
        (mfa_signals.authenticator_added, on_second_factor_added),
        (mfa_signals.authenticator_reset, on_second_factor_added),
        (mfa_signals.authenticator_removed, on_second_factor_removed),
    ):
        signal.connect(receiver, dispatch_uid=f"llmasos.accounts.{receiver.__name__}")
