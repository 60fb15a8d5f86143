"""Who is asking: sites by their public key, visitors by their secret token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from support_bot.models import Site, Visitor

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SiteAddress:
    """Where a public key leads: the organisation whose rows may then be read."""

    site_id: UUID
    organisation_id: UUID


def site_address(key: str) -> SiteAddress | None:
    """Return the site of a public key; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT site_id, organisation_id FROM support_bot_site_by_key(%s)", [key])
        found = cursor.fetchone()
    return SiteAddress(*found) if found else None


def add_visitor(site: Site) -> tuple[Visitor, str]:
    """Store a new visitor and return it with its token, which is shown this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    visitor = Visitor.objects.create(organisation_id=site.organisation_id, site=site, token_digest=token_digest(token))
    record(
        organisation_id=site.organisation_id,
        actor=visitor_principal(visitor).actor,
        action="support.visitor_started",
        subject=Ref("visitor", visitor.pk),
        object=Ref("site", site.pk),
    )
    return visitor, token


def visitor_of(site: Site, token: str) -> Visitor | None:
    """Return the visitor of ``site`` who holds ``token``; None for strangers and for other sites' visitors."""
    return (
        Visitor.objects.for_organisation(site.organisation_id)
        .filter(site=site, token_digest=token_digest(token))
        .first()
    )


def visitor_principal(visitor: Visitor) -> Principal:
    return Principal(organisation_id=visitor.organisation_id, kind="visitor", id=visitor.pk)


def token_digest(token: str) -> bytes:
    """Digest a token for storing. It holds 256 random bits, so that a plain digest is enough."""
    return hashlib.sha256(token.encode()).digest()
