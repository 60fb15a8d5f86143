"""``evaluate retrieval``: ranked documents against labelled questions, each leg and both together."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.inference.errors import InferenceError
from llmasos.inference.types import Message, Priority
from llmasos.retrieval import queries, querying
from llmasos.retrieval.evaluators import EvaluationError, Progress
from llmasos.retrieval.querying import Query

EMBED_QUERIES = 64
DEPTH = 60
RESAMPLES = 2_000
LEGS = ("dense", "lexical", "fused")
Ranking = Sequence[str]

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A question or conversation with the external ids that answer it."""

    id: str
    query: Query
    relevant: frozenset[str]


def reciprocal_rank(ranking: Ranking, relevant: frozenset[str], *, depth: int = 10) -> float:
    return next((1 / rank for rank, one in enumerate(ranking[:depth], start=1) if one in relevant), 0.0)


def recall(ranking: Ranking, relevant: frozenset[str], *, depth: int) -> float:
    return len(relevant.intersection(ranking[:depth])) / len(relevant)


def ndcg(ranking: Ranking, relevant: frozenset[str], *, depth: int = 10) -> float:
    gained = sum(1 / np.log2(rank + 1) for rank, one in enumerate(ranking[:depth], start=1) if one in relevant)
    ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(depth, len(relevant)) + 1))
    return float(gained / ideal)


MEASURES: dict[str, Callable[[Ranking, frozenset[str]], float]] = {
    "mrr_at_10": reciprocal_rank,
    "recall_at_5": lambda ranking, relevant: recall(ranking, relevant, depth=5),
    "recall_at_10": lambda ranking, relevant: recall(ranking, relevant, depth=10),
    "ndcg_at_10": ndcg,
}


def bootstrap_interval(values: Sequence[float], *, seed: int = 1) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean."""
    sample = np.asarray(values, dtype=float)
    picks = np.random.default_rng(seed).integers(0, len(sample), size=(RESAMPLES, len(sample)))
    low, high = np.percentile(sample[picks].mean(axis=1), [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def read_queries(path: Path) -> list[LabelledQuery]:
    """Read lines {id, query | messages, relevant[]}; lines without a relevant id are left out.

    Raises ``EvaluationError`` naming the line that is wrong.
    """
    labelled = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            query: Query = (
                tuple(Message(turn["role"], turn["content"]) for turn in values["messages"])
                if "messages" in values
                else str(values["query"])
            )
            relevant = frozenset(str(one) for one in values["relevant"])
            querying.turns_of(query)
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f"line {number} of {path} is no {{id, query, relevant[]}} ({type(error).__name__}: {error})"
            ) from error
        if relevant:
            labelled.append(LabelledQuery(str(values.get("id", number)), query, relevant))
    if not labelled:
        raise EvaluationError(f"{path} holds no question with a relevant document")
    return labelled


class RetrievalEvaluator:
    help: StrOrPromise = _("Rank documents for labelled questions: lines {id,query,relevant[]}, ids as imported.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--collection", required=True, metavar="NAME")
        parser.add_argument("--queries", required=True, type=Path, metavar="FILE")

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        labelled = read_queries(options["queries"])
        organisation_id = organisation_id_by_slug(options["organisation"])
        if organisation_id is None:
            raise EvaluationError(f"There is no organisation named {options['organisation']}.")
        with acting_in(organisation_id):
            collection = queries.collection_named(organisation_id, options["collection"])
        if collection is None:
            raise EvaluationError(f"There is no collection named {options['collection']}.")
        started = time.monotonic()
        try:
            rankings = rank(organisation_id, collection.pk, [one.query for one in labelled], progress=progress)
        except InferenceError as error:
            raise EvaluationError(f"The questions could not be embedded: {error}. Is the platform running?") from error
        return report(labelled, rankings) | {
            "lexical_weight": collection.lexical_weight,
            "seconds": round(time.monotonic() - started, 2),
        }


def report(labelled: Sequence[LabelledQuery], rankings: Mapping[str, Sequence[Ranking]]) -> dict[str, Any]:
    """Return the figures of the fused ranking with intervals, and of each leg."""
    values = {
        leg: {
            name: [measure(ranking, one.relevant) for one, ranking in zip(labelled, rankings[leg], strict=True)]
            for name, measure in MEASURES.items()
        }
        for leg in LEGS
    }
    legs = {leg: {name: round(float(np.mean(of)), 4) for name, of in values[leg].items()} for leg in LEGS}
    return {
        "n": len(labelled),
        **legs["fused"],
        "legs": legs,
        "ci95": {name: bootstrap_interval(of) for name, of in values["fused"].items()},
    }


def rank(
    organisation_id: UUID, collection_id: UUID, asked: Sequence[Query], *, progress: Progress
) -> dict[str, list[Ranking]]:
    """Rank documents for each question by each leg. A document ranks by its best chunk."""
    principal = system_principal(organisation_id)
    rankings: dict[str, list[Ranking]] = {leg: [] for leg in LEGS}
    for start in range(0, len(asked), EMBED_QUERIES):
        part = asked[start : start + EMBED_QUERIES]
        for prepared in querying.prepare(principal, part, priority=Priority.BULK):
            with acting_in(organisation_id):
                for leg, weight in (("dense", 0.0), ("lexical", 1.0), ("fused", None)):
                    found = queries.find(
                        organisation_id, collection_ids=[collection_id], prepared=prepared, k=DEPTH, weight=weight
                    )
                    scored = (hit for hit in found.hits if leg != "lexical" or hit.lexical > 0)
                    rankings[leg].append(list(dict.fromkeys(hit.external_id for hit in scored)))
        progress(f"{min(start + EMBED_QUERIES, len(asked))} of {len(asked)} questions")
    return rankings
