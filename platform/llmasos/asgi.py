"""The web process: static files first, everything else by Django."""

from __future__ import annotations

import gc
import os
from typing import Any, cast
from wsgiref.headers import Headers

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmasos.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from llmasos.runtime.body_limit import Application, BodyLimit, Receive, Scope, Send  # noqa: E402
from llmasos.runtime.programs import PREFIX, ProgramsHandler  # noqa: E402

# A file opened by itself (a drawing, the page for being offline) runs nothing and is framed by nobody.
_STATIC_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# What other sites load by a script tag.
_FOR_OTHER_SITES = ("support_bot/widget",)


def add_security_headers(headers: Headers, path: str, url: str) -> None:
    """Say what Django's middleware says of its own responses: these files bypass it."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = _STATIC_POLICY
    headers["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
    shared = url.removeprefix("/").removeprefix(settings.STATIC_URL.removeprefix("/")).startswith(_FOR_OTHER_SITES)
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
    if settings.SECURE_HSTS_SECONDS:
        subdomains = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}{subdomains}"


programs_application: Any = ProgramsHandler()


async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
    """Give programs' requests and pages' to the handler of each."""
    of_a_program = str(scope.get("path", "")).startswith(str(scope.get("root_path", "")) + PREFIX)
    handler: Any = programs_application if of_a_program and scope["type"] == "http" else django_application
    await handler(scope, receive, send)


settings.STATIC_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
# Static files never enter Django's middleware: a synchronous one would hold a thread for every stream.
application = ServeStaticASGI(
    BodyLimit(cast("Application", by_path)),
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    # Other sites load the widget by a script tag; none of their scripts has to read a file.
    allow_all_origins=False,
    # Hashed names (page.0123456789ab.css) never change their content.
    immutable_file_test=r"^.+\.[0-9a-f]{12}\.[^/]+$",
    add_headers_function=add_security_headers,
)
# What is loaded is never garbage: looking through it again and again would hold all streams up for a tenth of a second.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
