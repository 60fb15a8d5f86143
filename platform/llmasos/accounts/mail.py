"""E-mail by the server that the set-up page stored, else by the one that the environment names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.db import transaction

from llmasos.accounts.models import MailServer
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor, Ref

_SECONDS = 10


def server() -> MailServer | None:
    """Return the stored mail server, the newest one."""
    return MailServer.objects.order_by("-created_at").first()


def is_configured() -> bool:
    """Say whether e-mail leaves this installation; if not, pages show one-time links instead."""
    return settings.EMAIL_FALLBACK_BACKEND != "django.core.mail.backends.dummy.EmailBackend" or server() is not None


def sender() -> str:
    """Return the address that e-mail comes from."""
    stored = server()
    return stored.sender if stored else str(settings.DEFAULT_FROM_EMAIL)


def configure(*, host: str, port: int, security: str, username: str, password: str, from_address: str) -> MailServer:
    """Store the installation's mail server. Called by the set-up page, which checks who calls.

    Raises:
        ValidationError: the sender is no address, or the encryption is unknown.
    """
    stored = MailServer(
        host=host, port=port, security=security, username=username, password=password, sender=from_address
    )
    stored.full_clean()
    with transaction.atomic():
        stored.save(force_insert=True)
        record(
            organisation_id=PLATFORM,
            actor=Actor("system"),
            action="accounts.mail_configured",
            object=Ref("mail_server", stored.pk),
        )
    return stored


class EmailBackend(SmtpBackend):
    """Django's e-mail backend over the stored mail server."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        stored = server()
        if stored is None:
            return get_connection(settings.EMAIL_FALLBACK_BACKEND, fail_silently=bool(kwargs.get("fail_silently")))
        return super().__new__(cls)

    def __init__(self, *, fail_silently: bool = False, **kwargs: Any) -> None:
        stored = MailServer.objects.latest("created_at")
        super().__init__(
            host=stored.host,
            port=stored.port,
            username=stored.username,
            password=stored.password,
            use_tls=stored.security == MailServer.Security.STARTTLS,
            use_ssl=stored.security == MailServer.Security.TLS,
            fail_silently=fail_silently,
            timeout=_SECONDS,
        )
        self._sender = stored.sender

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send messages, those without a sender of their own as this server's sender: it takes no other."""
        for message in email_messages:
            if message.from_email == settings.DEFAULT_FROM_EMAIL:
                message.from_email = self._sender
        return super().send_messages(email_messages)
