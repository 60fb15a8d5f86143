"""Where each package and application hangs in the site's address space."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

# One sign-in for all pages, with its limits and its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("llmasos.ui.urls")),
    path("", include("llmasos.runtime.urls")),
    path("", include("llmasos.accounts.urls")),
    path("", include("llmasos.privacy.urls")),
    path("", include("llmasos.privacy.breakglass.urls")),
    path("", include("llmasos.privacy.deidentification.urls")),
    path("", include("llmasos.console.audit_urls")),
    path("", include("llmasos.retrieval.urls")),
    path("", include("llmasos.console.urls")),
    path("", include("llmasos.api.urls")),
    *(path("", include(f"{application}.urls")) for application in settings.LLMASOS_APPLICATIONS),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
