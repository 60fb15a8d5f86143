"""The page inside the widget's frame, and who may embed it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from llmasos.accounts.tenancy import acting_in
from support_bot.models import OWN_ORIGIN, Site
from support_bot.visitors import site_address
from support_bot.widget.requests import language_of, supported_language
from support_bot.widget.texts import widget_texts


@never_cache
@xframe_options_exempt
@require_safe
def frame(request: HttpRequest, site_key: str) -> HttpResponse:
    """Show the conversation, embeddable by the site's own pages alone."""
    site = _site(site_key)
    wanted = request.GET.get("language", "")
    language = supported_language(wanted) if wanted else language_of(request)
    with translation.override(language):
        if site is None or not site.active:
            response = render(request, "support_bot/frame_closed.html", {"language": language}, status=404)
        else:
            context = {
                "site": site,
                "language": language,
                "accent_ink": ink_on(site.accent),
                "host_origin": host_origin(request, site),
                "texts": widget_texts(),
            }
            response = render(request, "support_bot/frame.html", context)
    response["Content-Security-Policy"] = content_security_policy(site)
    response["Referrer-Policy"] = "no-referrer"
    # A site whose own policy isolates its pages embeds only what says so.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def content_security_policy(site: Site | None) -> str:
    origins = site.allowed_origins if site else []
    ancestors = " ".join("'self'" if origin == OWN_ORIGIN else origin for origin in origins) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        f" base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )


def host_origin(request: HttpRequest, site: Site) -> str:
    """Return the origin of the page that embeds us if the site allows it; else nothing is ever posted to it."""
    claimed = request.GET.get("origin", "")
    own = f"{request.scheme}://{request.get_host()}"
    allowed = {own if origin == OWN_ORIGIN else origin for origin in site.allowed_origins}
    return claimed if claimed in allowed else ""


def ink_on(colour: str) -> str:
    """Return black or white, whichever stands out more against ``colour`` (#rrggbb)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


def _site(site_key: str) -> Site | None:
    address = site_address(site_key)
    if address is None:
        return None
    with acting_in(address.organisation_id):
        return Site.objects.for_organisation(address.organisation_id).filter(pk=address.site_id).first()
