"""The language that a browser is shown: remembered in a cookie, chosen by the switch or by the account."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseBase

YEAR_SECONDS = 365 * 24 * 60 * 60


def is_offered(language: str) -> bool:
    """Tell whether pages exist in this language, named by its code."""
    return language in dict(settings.LANGUAGES)


def remember(response: HttpResponseBase, language: str) -> None:
    """Have the browser ask for this language from now on; one that is not offered changes nothing."""
    if is_offered(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
