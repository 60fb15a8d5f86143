"""The web process: static files first, everything else by Django."""

from __future__ import annotations

import os
from wsgiref.headers import Headers

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmasos.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402


def add_security_headers(headers: Headers, path: str, url: str) -> None:
    """Keep browsers from guessing types; these files bypass Django's own security middleware."""
    headers["X-Content-Type-Options"] = "nosniff"


settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Static files never enter Django's middleware: a synchronous one would hold a thread for every stream.
application = ServeStaticASGI(
    django_application,
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    # Hashed names (page.0123456789ab.css) never change their content.
    immutable_file_test=r"^.+\.[0-9a-f]{12}\.[^/]+$",
    add_headers_function=add_security_headers,
)
