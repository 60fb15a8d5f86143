"""What must hold before the platform serves anybody: Django system checks, each with the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from llmasos.runtime import locations


@register(Tags.security)
def production_is_configured(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """In production: no debugging, no generated secrets, outside servers, named hosts."""
    if not settings.PRODUCTION:
        return []
    problems: list[CheckMessage] = []
    if settings.DEBUG:
        problems.append(
            Error(
                "DEBUG is on in production: error pages would show data.",
                hint="Unset LLMASOS_DEBUG.",
                id="runtime.E001",
            )
        )
    if settings.LLMASOS_DEMO:
        problems.append(
            Error("Demo accounts are allowed in production.", hint="Unset LLMASOS_DEMO.", id="runtime.E002")
        )
    required = {
        "SECRET_KEY": "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
        "LLMASOS_KEY_ENCRYPTION_KEYS": (
            "python3 -c 'import base64, os; print(\"k1:\" + base64.urlsafe_b64encode(os.urandom(32)).decode())'"
        ),
    }
    for name, recipe in required.items():
        folder = name == "LLMASOS_KEY_ENCRYPTION_KEYS" and locations.configured_value("LLMASOS_KEY_ENCRYPTION_FOLDER")
        if not locations.configured_value(name) and not folder:
            problems.append(
                Error(
                    f"{name} is missing: production does not run on a generated secret.",
                    hint=f"Set {name} or {name}_FILE; `{recipe}` prints a new value. Keep a copy outside the machine.",
                    id="runtime.E003",
                )
            )
    if not locations.configured_value("LLMASOS_HOSTS"):
        problems.append(
            Error(
                "LLMASOS_HOSTS is missing: the names under which this installation is reached.",
                hint="For example LLMASOS_HOSTS=assistant.example.org.",
                id="runtime.E004",
            )
        )
    return problems


@register(Tags.database)
def application_role_is_bound_by_row_security(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The role that serves requests may not step over row-level security."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    if row is None or not (row[1] or row[2]):
        return []
    return [
        Error(
            f"The database role {row[0]} is a superuser or bypasses row security, "
            "so organisations would not be separated.",
            hint=(
                "Put this role into DATABASE_OWNER_URL and in DATABASE_URL a role made by "
                f"CREATE ROLE {locations.APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS."
            ),
            id="runtime.E005",
        )
    ]


@register(Tags.database)
def production_has_no_demo_accounts(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Demo people have known passwords, so none may exist in production."""
    if not settings.PRODUCTION or not databases or "default" not in databases:
        return []
    from django.contrib.auth import get_user_model
    from django.db import ProgrammingError

    people = get_user_model()
    try:
        found = people.objects.filter(email__iendswith=".example", is_active=True).count()
    except ProgrammingError:
        # Before the first migration there are no people at all.
        return []
    if not found:
        return []
    return [
        Error(
            f"{found} demo accounts with known passwords exist in this database.",
            hint="Deactivate them, or point DATABASE_URL to a database of its own for production.",
            id="runtime.E006",
        )
    ]
