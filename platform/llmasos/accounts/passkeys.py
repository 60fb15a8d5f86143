"""Forms that take what a passkey answered. It comes from anybody: what cannot be read is refused in words."""

from __future__ import annotations

import struct
from typing import Any

from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# What the parser raises for JSON that is no answer of a passkey.
_UNREADABLE = (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError, struct.error)


class _Readable:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except _UNREADABLE:
            raise ValidationError(_("The answer of the passkey cannot be read. Try again.")) from None


class AuthenticateForm(_Readable, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """The second factor."""


class LoginForm(_Readable, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """Sign-in by passkey alone."""


class ReauthenticateForm(_Readable, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Once more, before something that matters."""
