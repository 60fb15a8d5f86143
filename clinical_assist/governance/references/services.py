"""Which collections are references. They hold licensed text: a collection with documents about people is none."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.governance.leads import require_governing
from clinical_assist.governance.references.queries import about_people
from clinical_assist.models import ReferenceCollection
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.retrieval.queries import collections


class NoReferenceError(ValueError):
    """The collection cannot be a reference; the message says why."""


def choose(principal: Principal, collection_ids: set[UUID]) -> None:
    """Make these collections, and no others, the references of the organisation.

    Raises:
        PermissionDenied: the principal does not govern.
        NoReferenceError: there is no such collection, or it holds documents about people.
    """
    organisation_id = principal.organisation_id
    with acting_in(organisation_id):
        person_id = require_governing(principal)
        known = {one.pk: one.name for one in collections(principal)}
        if not collection_ids <= known.keys():
            raise NoReferenceError(_("There is no such collection."))
        for one in sorted(collection_ids & about_people(organisation_id), key=str):
            raise NoReferenceError(
                _("%(name)s holds documents about people: it can be no reference.") % {"name": known[one]}
            )
        rows = ReferenceCollection.objects.for_organisation(organisation_id)
        rows.exclude(collection_id__in=collection_ids).delete()
        present = set(rows.values_list("collection_id", flat=True))
        ReferenceCollection.objects.bulk_create(
            ReferenceCollection(organisation_id=organisation_id, collection_id=one, chosen_by_id=person_id)
            for one in collection_ids - present
        )
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="clinical.references_chosen",
            object=Ref("references", organisation_id),
            digests={"collections": sorted(str(one) for one in collection_ids)},
        )
