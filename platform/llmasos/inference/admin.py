from __future__ import annotations

from django.contrib import admin

from llmasos.accounts.administration import ReadOnlyAdmin
from llmasos.inference.models import CatalogueEntry


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(ReadOnlyAdmin):
    list_display = ("name", "task", "backend", "source", "licence", "is_default", "is_pinned", "is_draining")
    list_filter = ("task", "backend")
    search_fields = ("name",)
