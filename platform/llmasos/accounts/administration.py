"""Django's own administration pages, every opening recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, transaction
from django.http import HttpRequest, HttpResponseBase

from llmasos.accounts.permissions import page_of
from llmasos.audit.canonical import DigestValue, check_token
from llmasos.audit.errors import UnrecordableError
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """Raw rows to look at, with the permission to view them. Changes have services, which check and record them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class AdministrationSite(AdminSite):
    """The raw data pages, of which nothing is shown or changed unrecorded."""

    def admin_view(  # type: ignore[override]  # the stubs ask for two protocols of their own
        self,
        view: Callable[..., HttpResponseBase],
        cacheable: bool = False,  # noqa: FBT001, FBT002 - Django's
    ) -> Callable[..., HttpResponseBase]:
        """Record each opening, search and change in the transaction that does it."""

        def recorded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with transaction.atomic():
                record(
                    organisation_id=PLATFORM,
                    actor=Actor("person", request.user.pk),
                    action="accounts.administered",
                    object=page_of(request),
                    digests=_what(request, kwargs),
                )
                return view(request, *args, **kwargs)

        return super().admin_view(recorded, cacheable)


def _what(request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, DigestValue]:
    """Return method, object, action and number of chosen rows; no text that somebody typed."""
    digests: dict[str, DigestValue] = {"method": str(request.method), "searched": bool(request.GET.get("q"))}
    for name, value in (("object", kwargs.get("object_id")), ("action", request.POST.get("action"))):
        if value:
            try:
                digests[name] = check_token(str(value), name=name)
            except UnrecordableError:
                digests[name] = "other"
    chosen = len(request.POST.getlist(ACTION_CHECKBOX_NAME))
    return {**digests, "chosen": chosen} if chosen else digests
