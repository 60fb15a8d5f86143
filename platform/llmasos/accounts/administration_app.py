from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    """Django's administration with pages that record who opened them."""

    default_site = "llmasos.accounts.administration.AdministrationSite"
