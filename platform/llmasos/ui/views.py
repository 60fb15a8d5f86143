"""Home, the reader's preferences, and what makes the pages installable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from llmasos.accounts import languages
from llmasos.accounts.models import Person, Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.accounts.queries import MembershipView, memberships_of
from llmasos.ui import finding
from llmasos.ui.context import THEME_COOKIE, THEMES, OpenDoor, open_doors
from llmasos.ui.templatetags.ui import SCRIPTS, STYLE_SHEETS


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation on the home page, with the doors that the person's roles open."""

    membership: MembershipView
    doors: tuple[OpenDoor, ...]

    @property
    def roles(self) -> list[str]:
        return [str(Role(role).label) for role in sorted(self.membership.roles) if role in Role.values]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Welcome a visitor; show a person their organisations and doors."""
    if not request.user.is_authenticated:
        return render(request, "ui/welcome.html")
    places = [Place(view, open_doors(view)) for view in memberships_of(request.user.pk)]
    return render(request, "ui/home.html", {"places": places})


@member_view()
def organisation(request: MemberRequest) -> HttpResponse:
    """Show the doors of one organisation to one of its members."""
    membership = next(
        view for view in memberships_of(request.user.pk) if view.organisation_id == request.organisation.pk
    )
    return render(request, "ui/organisation.html", {"place": Place(membership, open_doors(membership))})


def _back(request: HttpRequest) -> HttpResponseRedirect:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(address if safe else "/")


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's colours in a cookie of this browser."""
    theme = request.POST.get("theme", "")
    response = _back(request)
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=languages.YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember a language in this browser and, for a person, with the account."""
    language = request.POST.get("language", "")
    response = _back(request)
    if languages.is_offered(language):
        languages.remember(response, language)
        if request.user.is_authenticated:
            Person.objects.filter(pk=request.user.pk).update(language=language)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Find pages and things by name or id. Words are posted: an address would leave them in histories and logs."""
    text = request.POST.get("q", "")
    context = {"found": finding.search(cast("Person", request.user), text), "text": text[: finding.LONGEST_TEXT]}
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "ui/found.html" if is_part else "ui/search.html", context)


@require_safe
@cache_control(max_age=3600, public=True)
def icon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that look for an icon where no page names one."""
    return HttpResponseRedirect(static("ui/icons/icon-180.png"))


@require_GET
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the installable application."""
    icons = [
        {"src": static(f"ui/icons/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    icons.append(
        {
            "src": static("ui/icons/icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        }
    )
    return JsonResponse(
        {
            "id": "/",
            "name": "LLMasOS",
            "short_name": "LLMasOS",
            "description": gettext("Language-model applications on your organisation’s own machines"),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#fbfaf7",
            "theme_color": "#fbfaf7",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker with the addresses of the static files that it keeps."""
    keep = [
        *(static(f"ui/css/{name}.css") for name in STYLE_SHEETS),
        *(static(f"ui/js/{name}.js") for name in SCRIPTS),
        static("ui/icons.svg"),
        static("ui/icons/icon.svg"),
    ]
    return render(
        request,
        "ui/service_worker.js",
        {
            "keep": json.dumps(keep),
            "prefix": json.dumps(settings.STATIC_URL),
            "offline": json.dumps(static("ui/offline.html")),
        },
        content_type="text/javascript",
    )
