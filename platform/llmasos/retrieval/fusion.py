"""Fitting how much the lexical leg counts, on questions that the collection's own documents give.

A probe is a title that must find its passage without the title, or a sentence that must find its passage without the
sentence. Each leg then meets a question whose words it has not simply read, as with a real question; how the two
compare on probes tells how they compare on questions in this language and of this kind. Where the probes do not tell
two weights apart, the one nearer to the prior is taken.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import services as inference
from llmasos.inference.types import Priority
from llmasos.retrieval import chunking, languages
from llmasos.retrieval.models import DEFAULT_LEXICAL_WEIGHT, Chunk, Collection

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9, 1.0)
PROBES_OF_A_KIND = 120
LEAST_PROBES = 20
MAX_RIVALS = 4_000
LEAST_TERMS = 4
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question made from a passage, and the rest of the passage that it must find."""

    chunk: int
    question: str
    held_out: str


@dataclass(frozen=True, slots=True)
class FittedWeight:
    """The weight, the number of probes behind it and their mean reciprocal rank at each of ``WEIGHTS``."""

    weight: float
    probes: int
    curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    chunk_id: int
    document_id: UUID
    title: str
    text: str


def fit_collection(organisation_id: UUID, collection_id: UUID, *, seed: int = 1) -> FittedWeight | None:
    """Fit and store a collection's lexical weight; the prior stays where there are too few probes.

    Raises ``InferenceError`` when the probes cannot be embedded.
    """
    chooser = random.Random(seed)  # noqa: S311 - a repeatable sample, no secret
    with acting_in(organisation_id):
        collection = Collection.objects.for_organisation(organisation_id).filter(pk=collection_id).first()
        if collection is None:
            return None
        passages, vectors = _passages(organisation_id, collection_id, chooser)
    probes = make_probes([(one.title, one.text) for one in passages], chooser)
    fitted = FittedWeight(DEFAULT_LEXICAL_WEIGHT, len(probes), ())
    if len(probes) >= LEAST_PROBES:
        texts = [text for probe in probes for text in (probe.question, probe.held_out)]
        made = inference.embed(system_principal(organisation_id), texts, priority=Priority.BULK).vectors
        with acting_in(organisation_id):
            lexical, own_lexical = _lexical_scores(collection, passages, probes)
        fitted = choose(
            dense=made[0::2] @ vectors.T,
            own_dense=(made[0::2] * made[1::2]).sum(axis=1),
            lexical=lexical,
            own_lexical=own_lexical,
            documents=np.unique([str(one.document_id) for one in passages], return_inverse=True)[1],
            targets=[probe.chunk for probe in probes],
        )
    with acting_in(organisation_id):
        Collection.objects.for_organisation(organisation_id).filter(pk=collection_id).update(
            lexical_weight=fitted.weight, fitted_probes=fitted.probes, fitted_at=timezone.now()
        )
    return fitted


def make_probes(passages: Sequence[tuple[str, str]], chooser: random.Random) -> list[Probe]:
    """Make probes of both kinds from (title, text) pairs; the title stays with a passage that lost a sentence."""
    titled: list[Probe] = []
    torn: list[Probe] = []
    for index in chooser.sample(range(len(passages)), len(passages)):
        title, text = passages[index]
        if title and text != title and len(titled) < PROBES_OF_A_KIND:
            titled.append(Probe(index, title, text))
        if len(torn) < PROBES_OF_A_KIND:
            parts = chunking.sentences(text)
            telling = [part for part in parts if _length(part) >= LEAST_TERMS]
            if len(parts) > 1 and telling:
                question = chooser.choice(telling)
                rest = [title, *(part for part in parts if part != question)]
                torn.append(Probe(index, question, "\n".join(part for part in rest if part)))
    return titled + torn


def choose(
    *,
    dense: Floats,
    own_dense: Floats,
    lexical: Floats,
    own_lexical: Floats,
    documents: NDArray[np.intp],
    targets: Sequence[int],
) -> FittedWeight:
    """Choose the weight from the probes' scores.

    ``dense`` and ``lexical`` hold a row a probe and a column a passage; ``own_*`` the scores of the held-out rest.
    """
    rivals = documents[None, :] != documents[list(targets)][:, None]
    best = np.maximum(np.where(rivals, lexical, 0).max(axis=1), own_lexical) + 1e-9
    ranks = np.empty((len(WEIGHTS), len(targets)))
    for row, weight in enumerate(WEIGHTS):
        fused = np.where(rivals, (1 - weight) * dense + weight * lexical / best[:, None], -np.inf)
        own = (1 - weight) * own_dense + weight * own_lexical / best
        for column in range(len(targets)):
            # A document is as far ahead as its best passage.
            ahead = np.unique(documents[fused[column] >= own[column]]).size
            ranks[row, column] = 1 / (ahead + 1) if ahead < 10 else 0.0
    curve = ranks.mean(axis=1)
    top = int(curve.argmax())
    # Weights whose loss against the best is within half the error of the paired difference are as good.
    error = (ranks[top] - ranks).std(axis=1) / np.sqrt(len(targets))
    good = [weight for weight, loss, slack in zip(WEIGHTS, curve[top] - curve, error, strict=True) if loss <= slack / 2]
    weight = min(good, key=lambda one: abs(one - DEFAULT_LEXICAL_WEIGHT))
    return FittedWeight(weight, len(targets), tuple(round(float(value), 4) for value in curve))


def _passages(
    organisation_id: UUID, collection_id: UUID, chooser: random.Random
) -> tuple[list[_Passage], NDArray[np.float32]]:
    present = Chunk.objects.for_organisation(organisation_id).filter(
        collection_id=collection_id, document__deleted_at=None
    )
    ids = list(present.order_by("document__external_id", "position").values_list("pk", flat=True))
    if len(ids) > MAX_RIVALS:
        ids = sorted(chooser.sample(ids, MAX_RIVALS))
    rows = present.filter(pk__in=ids).order_by("document__external_id", "position")
    passages, vectors = [], []
    for pk, document_id, title, text, vector in rows.values_list(
        "pk", "document_id", "document__title", "text", "embedding"
    ):
        passages.append(_Passage(pk, document_id, title, text))
        vectors.append(vector)
    return passages, np.array(vectors, dtype=np.float32).reshape(len(passages), -1)


_POSTINGS = """
SELECT p.term, array_agg(p.chunk_id), array_agg(p.frequency), array_agg(p.length)
FROM retrieval_posting p WHERE p.collection_id = %s AND p.term = ANY (%s) GROUP BY p.term
"""
_TERMS = """
SELECT given.number, t.term, t.frequency
FROM unnest(%s::integer[], %s::text[]) AS given (number, body), llmasos_terms(given.body, llmasos_stemmer(%s)) t
"""


def _lexical_scores(
    collection: Collection, passages: Sequence[_Passage], probes: Sequence[Probe]
) -> tuple[Floats, Floats]:
    """Score every probe against every passage and against its own rest, as search itself does."""
    collection.refresh_from_db(fields=["language", "chunk_count", "term_total"])
    mean_length = collection.term_total / max(collection.chunk_count, 1) or 1.0
    asked = _terms(collection.language, [probe.question for probe in probes])
    rests = _terms(collection.language, [probe.held_out for probe in probes])
    column_of = {passage.chunk_id: column for column, passage in enumerate(passages)}
    scores = np.zeros((len(probes), len(passages)))
    own = np.zeros(len(probes))
    with connection.cursor() as cursor:
        cursor.execute(_POSTINGS, [collection.pk, sorted({term for terms in asked for term in terms})])
        postings = {term: (ids, frequencies, lengths) for term, ids, frequencies, lengths in cursor.fetchall()}
    gains: dict[str, tuple[float, NDArray[np.intp], Floats]] = {}
    for term, (ids, frequencies, lengths) in postings.items():
        count = max(collection.chunk_count, len(ids))
        weight = float(np.log1p((count - len(ids) + 0.5) / (len(ids) + 0.5)))
        known = [index for index, chunk_id in enumerate(ids) if chunk_id in column_of]
        frequency = np.array([frequencies[index] for index in known], dtype=float)
        length = np.array([lengths[index] for index in known], dtype=float)
        columns = np.array([column_of[ids[index]] for index in known], dtype=np.intp)
        gains[term] = (weight, columns, _saturated(frequency, length / mean_length))
    for row, terms in enumerate(asked):
        rest = rests[row]
        rest_length = sum(rest.values()) / mean_length
        for term, times in terms.items():
            if term not in gains:
                continue
            weight, columns, gain = gains[term]
            said = languages.term_weight(term) if languages.unspaced_terms(term) else 1 + float(np.log(times))
            scores[row, columns] += said * weight * gain
            if term in rest:
                own[row] += (
                    said * weight * float(_saturated(np.array([rest[term]], dtype=float), np.array([rest_length]))[0])
                )
    return scores, own


def _saturated(frequency: Floats, relative_length: Floats) -> Floats:
    return 2.2 * frequency / (frequency + 0.3 + 0.9 * relative_length)


def _terms(language: str, texts: Sequence[str]) -> list[dict[str, int]]:
    counted: list[dict[str, int]] = [dict(languages.unspaced_terms(text)) for text in texts]
    with connection.cursor() as cursor:
        spaced = [languages.spaced_part(text) for text in texts]
        cursor.execute(_TERMS, [list(range(len(texts))), spaced, language])
        for number, term, frequency in cursor.fetchall():
            counted[number][term] = counted[number].get(term, 0) + frequency
    return counted


def _length(text: str) -> int:
    return len(languages.spaced_part(text).split()) + languages.unspaced_terms(text).total()
