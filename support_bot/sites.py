"""Changing the sites that show the chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.retrieval.models import Collection
from support_bot.models import OWN_ORIGIN, Site, SiteCollection
from support_bot.permissions import require_site_editor


def save_site(principal: Principal, site: Site, *, values: Mapping[str, Any], collection_ids: Iterable[UUID]) -> Site:
    """Store a new or changed site, with the collections that its answers come from.

    Raises:
        PermissionDenied: the principal is no administrator.
        ValidationError: a value does not fit.
    """
    require_site_editor(principal)
    for name in ("name", "allowed_origins", "accent", "greeting", "privacy_url", "active"):
        if name in values:
            setattr(site, name, values[name])
    site.organisation_id = principal.organisation_id
    site.allowed_origins = [normal_origin(origin) for origin in site.allowed_origins]
    site.full_clean()
    site.save()
    set_collections(site, collection_ids)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="support.site_changed",
        object=Ref("site", site.pk),
    )
    return site


def set_collections(site: Site, collection_ids: Iterable[UUID]) -> None:
    """Make the site answer from exactly these collections of its organisation."""
    wanted = set(
        Collection.objects.for_organisation(site.organisation_id)
        .filter(pk__in=list(collection_ids))
        .values_list("pk", flat=True)
    )
    links = SiteCollection.objects.for_organisation(site.organisation_id).filter(site=site)
    links.exclude(collection_id__in=wanted).delete()
    SiteCollection.objects.bulk_create(
        [
            SiteCollection(organisation_id=site.organisation_id, site=site, collection_id=collection_id)
            for collection_id in wanted
        ],
        ignore_conflicts=True,
    )


def normal_origin(text: str) -> str:
    """Return an origin as browsers write it: scheme, host and a port that is not the scheme's own.

    Raises:
        ValidationError: it is no origin, or not of http(s).
    """
    text = text.strip()
    if text == OWN_ORIGIN:
        return text
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        host = (parts.hostname or "").encode("idna").decode().lower()
        port = parts.port
    except ValueError as error:
        raise ValidationError(_("“%(text)s” is not the address of a website."), params={"text": text}) from error
    plain = all(character.isalnum() or character in "-._:" for character in host)
    if parts.scheme not in {"http", "https"} or not host or not plain or parts.username:
        raise ValidationError(_("“%(text)s” is not the address of a website."), params={"text": text})
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValidationError(
            _("“%(text)s” names a page. Write only the beginning, such as https://shop.example."), params={"text": text}
        )
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")
