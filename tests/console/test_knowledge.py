from __future__ import annotations

import pytest

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.console.queries import CollectionFigures, knowledge, knowledge_totals
from llmasos.retrieval.models import Collection, Document, DocumentState

pytestmark = pytest.mark.django_db


def collection_with(organisation: Organisation, *states: str) -> Collection:
    with acting_in(organisation):
        collection = Collection.objects.create(organisation=organisation, name="Handbook", chunk_count=7)
        for number, state in enumerate(states):
            Document.objects.create(
                organisation=organisation,
                collection=collection,
                external_id=str(number),
                state=state,
                content_digest="0" * 64,
            )
    return collection


def test_documents_are_counted_by_how_far_they_are(organisation: Organisation) -> None:
    collection_with(organisation, "ready", "ready", "queued", "embedding", DocumentState.FAILED)
    with acting_in(organisation):
        assert knowledge(organisation.pk) == (CollectionFigures("Handbook", 2, 2, 1, 7),)


def test_another_organisations_collections_are_left_out(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    collection_with(other_organisation, "ready")
    with acting_in(organisation):
        assert knowledge(organisation.pk) == ()


def test_operators_see_totals(organisation: Organisation, other_organisation: Organisation) -> None:
    collection_with(organisation, "ready")
    collection_with(other_organisation, "ready")
    totals = knowledge_totals()
    assert (totals.organisations, totals.collections, totals.passages) == (2, 2, 14)
