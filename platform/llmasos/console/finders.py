"""What the search finds for administrators and operators besides pages. Each returns what the person may open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from llmasos.accounts.models import ApiKey, Membership, Role
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor
from llmasos.console.organisations.queries import organisations
from llmasos.console.pages import PAGES
from llmasos.inference.models import CatalogueEntry
from llmasos.retrieval.models import Collection
from llmasos.ui.finding import EACH, Asked, Found, register_finder

# With fewer letters half of everything would be found, and recorded as read.
LEAST_LETTERS = 2
_REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9-]{20,64}")


def register() -> None:
    """Add them to the search; called once, in ``AppConfig.ready``."""
    for finder in (requests, installation, keys, members, collections):
        register_finder(f"console.{finder.__name__}", finder)


def requests(asked: Asked) -> Iterator[Found]:
    """Lead an id to what is known of that request."""
    if not _REQUEST_ID.fullmatch(asked.text):
        return
    label = _("Request %(id)s…") % {"id": asked.text[:8]}
    if asked.person.is_operator:
        yield Found(label, _("Errors, all organisations"), f"{reverse('console:platform_errors')}?request={asked.text}")
    for view in asked.with_role(Role.ADMINISTRATOR):
        errors, log = (reverse(name, args=[view.slug]) for name in ("console:errors", "audit:log"))
        yield Found(label, _("Errors, %(name)s") % {"name": view.name}, f"{errors}?request={asked.text}")
        yield Found(label, _("Audit log, %(name)s") % {"name": view.name}, f"{log}?request={asked.text}")


def installation(asked: Asked) -> Iterator[Found]:
    """Find the installation's pages, models and organisations for operators."""
    if not asked.person.is_operator:
        return
    for page in PAGES:
        if asked.fits(page.label, _("Platform console")):
            yield Found(str(page.label), _("Platform console"), page.href)
    for name in CatalogueEntry.objects.filter(name__icontains=asked.text).values_list("name", flat=True)[:EACH]:
        yield Found(name, _("Model"), reverse("console:models"))
    rows, _total = organisations(asked.text, page=1, size=EACH)
    for row in rows:
        note = _("Organisation: requests")
        yield Found(row.name, note, f"{reverse('console:platform_requests')}?organisation={row.id}")
        yield Found(row.name, _("Organisation: limits"), reverse("console:organisation_limits", args=[row.id]))


def keys(asked: Asked) -> Iterator[Found]:
    """Find API keys by name or by how they begin, for administrators."""
    for view in asked.with_role(Role.ADMINISTRATOR):
        with acting_in(view.organisation_id):
            found = ApiKey.objects.for_organisation(view.organisation_id).filter(
                Q(name__icontains=asked.text) | Q(prefix__startswith=asked.text)
            )
            names = list(found.order_by("-created_at").values_list("name", "prefix")[:EACH])
        for name, prefix in names:
            note = _("API key %(prefix)s, %(name)s") % {"prefix": prefix, "name": view.name}
            yield Found(name, note, reverse("console:usage", args=[view.slug]))


def members(asked: Asked) -> Iterator[Found]:
    """Find members by name or address, for administrators; that they were looked for is recorded."""
    if len(asked.text) < LEAST_LETTERS:
        return
    for view in asked.with_role(Role.ADMINISTRATOR):
        with acting_in(view.organisation_id):
            memberships = Membership.objects.for_organisation(view.organisation_id).filter(deactivated_at=None)
            people = list(
                memberships.filter(Q(person__name__icontains=asked.text) | Q(person__email__icontains=asked.text))
                .order_by("person__name")
                .values_list("person_id", "person__name", "person__email")
                .distinct()[:EACH]
            )
            if people:
                record(
                    organisation_id=view.organisation_id,
                    actor=Actor("person", asked.person.pk, ",".join(sorted(view.roles))),
                    action="accounts.people_listed",
                    digests={"searched": True, "found": len(people)},
                )
        for person_id, name, email in people:
            note = _("Member, %(name)s") % {"name": view.name}
            yield Found(name or email, note, reverse("accounts:roles", args=[view.slug, person_id]))


def collections(asked: Asked) -> Iterator[Found]:
    """Find collections of documents by name, for administrators."""
    for view in asked.with_role(Role.ADMINISTRATOR):
        with acting_in(view.organisation_id):
            found = Collection.objects.for_organisation(view.organisation_id).filter(name__icontains=asked.text)
            names = list(found.values_list("pk", "name")[:EACH])
        for collection_id, name in names:
            note = _("Collection, %(name)s") % {"name": view.name}
            yield Found(name, note, reverse("retrieval:collection", args=[view.slug, collection_id]))
