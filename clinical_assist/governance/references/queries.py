"""Passages of the references about a condition. The question is made of the knowledge base's words alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinical_assist.knowledge.types import Condition, Knowledge
from clinical_assist.models import ReferenceCollection
from clinical_assist.recognition.lexicon import LITTLE
from clinical_assist.recognition.text import stem, tokens
from llmasos.accounts.principals import Principal
from llmasos.retrieval.models import Document
from llmasos.retrieval.queries import search
from llmasos.retrieval.results import Hit

PASSAGES_SHOWN = 3
_SEARCHED = 12
_FINDINGS_NAMED = 4
_LITTLE = frozenset(map(stem, LITTLE))


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage word for word, with its document's title, address and the day since which it is in the index."""

    text: str
    title: str
    place: tuple[str, ...]
    url: str
    since: datetime | None


def reference_ids(organisation_id: UUID) -> list[UUID]:
    """Return the collections that are references."""
    return list(ReferenceCollection.objects.for_organisation(organisation_id).values_list("collection_id", flat=True))


def about_people(organisation_id: UUID) -> set[UUID]:
    """Return the collections that hold a document about somebody."""
    rows = Document.objects.for_organisation(organisation_id).filter(subject_id__isnull=False)
    return set(rows.values_list("collection_id", flat=True).distinct())


def question_for(condition: Condition, knowledge: Knowledge) -> str:
    """Return the question about a condition: its name and what is most typical of it. It is the same for everybody."""
    typical = sorted(condition.findings, key=lambda code: (-condition.findings[code], code))[:_FINDINGS_NAMED]
    return f"{condition.name}: {', '.join(knowledge.findings[code].name for code in typical)}"


def passages(principal: Principal, condition: Condition, knowledge: Knowledge) -> list[Passage]:
    """Return passages of the references that name the condition, best first; none where nothing does.

    Raises:
        PermissionDenied, InferenceError: as ``retrieval.queries.search``.
    """
    organisation_id = principal.organisation_id
    wanted = set(reference_ids(organisation_id)) - about_people(organisation_id)
    if not wanted:
        return []
    question = question_for(condition, knowledge)
    found = search(principal, collection_ids=sorted(wanted, key=str), query=question, k=_SEARCHED)
    fitting = [hit for hit in found.hits if names(condition, hit)][:PASSAGES_SHOWN]
    since = _since(organisation_id, fitting)
    return [
        Passage(hit.text, hit.title or hit.external_id, hit.heading_path, _web(hit.url), since.get(hit.document_id))
        for hit in fitting
    ]


def names(condition: Condition, hit: Hit) -> bool:
    """Whether a passage, its title or a heading over it names the condition or a synonym, in whatever form."""
    written = _stems(" ".join((hit.title, *hit.heading_path, hit.text)))
    return any((wanted := _stems(name)) and wanted <= written for name in (condition.name, *condition.synonyms))


def _stems(text: str) -> set[str]:
    return {token.stem for token in tokens(text) if token.stem.isalnum()} - _LITTLE


def _since(organisation_id: UUID, hits: Sequence[Hit]) -> dict[UUID, datetime | None]:
    rows = Document.objects.for_organisation(organisation_id).filter(pk__in={hit.document_id for hit in hits})
    return dict(rows.values_list("pk", "ready_at"))


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://", "/")) and not url.startswith("//") else ""
