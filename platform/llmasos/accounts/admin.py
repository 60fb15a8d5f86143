"""The raw data pages of accounts. Rows of organisations are not among them: row security shows them to nobody here."""

from __future__ import annotations

from django.contrib import admin

from llmasos.accounts.administration import ReadOnlyAdmin
from llmasos.accounts.models import Person


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "is_active", "is_operator", "is_staff", "last_login")
    list_filter = ("is_active", "is_operator", "is_staff")
    search_fields = ("email", "name")
    exclude = ("password",)
