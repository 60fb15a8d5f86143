"""The demo shop's pages: a website that embeds the chat by the very line that customers paste."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from support_bot.demo import handbook
from support_bot.models import OWN_ORIGIN, Site

SLUG = "shop"


def demo_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show the page where the demo is on; elsewhere it does not exist."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if not settings.LLMASOS_DEMO:
            raise Http404
        return view(request, **kwargs)

    return wrapper


@demo_page
def shop(request: HttpRequest) -> HttpResponse:
    return render(request, "support_bot/demo/shop.html", {**_chat(), "goods": _goods()})


@demo_page
def help_index(request: HttpRequest) -> HttpResponse:
    return render(request, "support_bot/demo/help.html", {**_chat(), "articles": handbook.articles()})


@demo_page
def help_article(request: HttpRequest, name: str) -> HttpResponse:
    found = handbook.article(name)
    if found is None:
        raise Http404
    return render(request, "support_bot/demo/article.html", {**_chat(), "article": found})


def _chat() -> dict[str, Any]:
    return {"site": demo_site(), "widget": f"{settings.STATIC_URL}support_bot/widget.js"}


def demo_site() -> Site | None:
    """Return the demo organisation's site that its own pages may show."""
    organisation_id = organisation_id_by_slug(SLUG)
    if organisation_id is None:
        return None
    with acting_in(organisation_id):
        return (
            Site.objects.for_organisation(organisation_id)
            .filter(active=True, allowed_origins__contains=[OWN_ORIGIN])
            .order_by("created_at")
            .first()
        )


def _goods() -> list[dict[str, str]]:
    return [
        {"art": "tent", "name": _("Tent Fell 2"), "text": _("Two people, 2.1 kg"), "price": "€289.00"},
        {"art": "chair", "name": _("Teak armchair Cove"), "text": _("FSC-certified wood"), "price": "€159.00"},
        {"art": "pan", "name": _("Cast-iron pan 28 cm"), "text": _("Guaranteed for 25 years"), "price": "€54.90"},
        {"art": "hammock", "name": _("Hammock Drift XL"), "text": _("Carries 220 kg"), "price": "€79.00"},
        {"art": "backpack", "name": _("Backpack Ridge 45"), "text": _("Sizes S to L"), "price": "€149.00"},
        {"art": "can", "name": _("Watering can 9 l"), "text": _("Galvanised steel"), "price": "€34.50"},
        {"art": "lantern", "name": _("LED lantern Glow"), "text": _("Up to 40 hours"), "price": "€39.90"},
        {"art": "birdhouse", "name": _("Nest box, 28 mm"), "text": _("For blue tits"), "price": "€24.90"},
    ]
