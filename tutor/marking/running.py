"""The work of a run: proposals for every answer of a question, batch by batch, taken up where a lost worker left it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.errors import InferenceError
from tutor.engine import types as engine
from tutor.engine.model import ModelFileError
from tutor.marking import learning
from tutor.marking.access import standing_for
from tutor.marking.embedding import Embedder
from tutor.marking.mapping import answers_of, engine_question, engine_response, marks_as_graded
from tutor.marking.points import exact, hundredths, level_points, rounded
from tutor.marking.services.runs import mark_applied
from tutor.models import Answer, Proposal, ProposalRun, Question, RubricVersion
from tutor.training.queries import model_for

logger = logging.getLogger(__name__)

BATCH: Final = 250
SEEDS: Final = 8
SEEDED_FROM: Final = 1_000
"""Seeds are chosen among this many answers; comparing all with all of more would take long and change little."""
GIVE_UP_AFTER: Final = timedelta(hours=1)


def work(organisation_id: UUID, run_id: UUID) -> None:
    """Bring a waiting run to its end. Delivered twice, it has one effect; what is proposed already is left out."""
    claimed = _claim(organisation_id, run_id)
    if claimed is None:
        return
    run, graded, ids = claimed
    embed = Embedder(organisation_id)
    try:
        for start in range(0, len(ids), BATCH):
            if not _propose(run, ids[start : start + BATCH], graded, embed):
                return
        seeds = _seeds(run, graded, embed)
    except InferenceError:
        logger.warning("a run waits for the model service", extra={"run": str(run_id)})
        _wait(run)
        return
    except ModelFileError:
        logger.exception("the organisation's own model cannot be used", extra={"run": str(run_id)})
        _end(run, ProposalRun.State.FAILED, error_code="own_model")
        return
    except Exception:
        logger.exception("a run failed", extra={"run": str(run_id)})
        _end(run, ProposalRun.State.FAILED, error_code="internal")
        return
    _finish(run, seeds)


def take_up_lost(organisation_id: UUID, *, lost_after: timedelta) -> int:
    """Queue again runs that nobody has touched for so long, and return how many."""
    with acting_in(organisation_id):
        lost = ProposalRun.objects.for_organisation(organisation_id).filter(
            state__in=learning.AT_WORK, heartbeat_at__lt=timezone.now() - lost_after
        )
        ids = list(lost.select_for_update(skip_locked=True).values_list("pk", flat=True))
        ProposalRun.objects.for_organisation(organisation_id).filter(pk__in=ids).update(
            state=ProposalRun.State.QUEUED, heartbeat_at=timezone.now()
        )
    for run_id in ids:
        learning.publish(organisation_id, run_id)
    return len(ids)


def _claim(organisation_id: UUID, run_id: UUID) -> tuple[ProposalRun, list[engine.Graded], list[UUID]] | None:
    with acting_in(organisation_id):
        run = (
            ProposalRun.objects.for_organisation(organisation_id)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("question__assignment__course", "question__rubric", "rubric")
            .filter(pk=run_id, state=ProposalRun.State.QUEUED)
            .first()
        )
        if run is None:
            return None
        graded = marks_as_graded(run.question, at=run.created_at)
        have = set(Proposal.objects.for_organisation(organisation_id).filter(run=run).values_list("answer", flat=True))
        every = list(standing_for(run.question).values_list("pk", flat=True))
        run.state, run.heartbeat_at = ProposalRun.State.RUNNING, timezone.now()
        run.total, run.done, run.marks_seen = len(every), len(have), len(graded)
        run.save(update_fields=["state", "heartbeat_at", "total", "done", "marks_seen"])
    return run, graded, [one for one in every if one not in have]


def _propose(run: ProposalRun, ids: Sequence[UUID], graded: list[engine.Graded], embed: Embedder) -> bool:
    """Propose for one batch and store it; return False when the run is no longer this worker's to do."""
    from tutor.engine import proposing

    organisation_id = run.organisation_id
    with acting_in(organisation_id):
        answers = {str(answer.pk): answer for answer in answers_of(run.question, ids)}
        responses = [engine_response(answer) for answer in answers.values()]
        _record_reading(run, len(responses))
    # Nothing is held open while the models work.
    made = proposing.propose(
        engine_question(run.question, run.rubric), responses, graded, embed=embed, model=model_for(organisation_id)
    )
    with acting_in(organisation_id):
        held = ProposalRun.objects.for_organisation(organisation_id).select_for_update().get(pk=run.pk)
        if held.state != ProposalRun.State.RUNNING:
            return False
        table = _Table(run.question, run.rubric, graded)
        rows = [_row(run, answers[one.answer_id], one, table, embed.digest) for one in made]
        have = set(
            Proposal.objects.for_organisation(organisation_id)
            .filter(run=run, answer__in=list(ids))
            .values_list("answer", flat=True)
        )
        rows = [row for row in rows if row.answer_id not in have]
        Proposal.objects.bulk_create(rows, batch_size=BATCH)
        for row in rows:
            _record_proposal(run, row)
        held.done = F("done") + len(rows)
        held.heartbeat_at = timezone.now()
        held.model_digest = next((row.model_digest for row in rows if row.model_digest), run.model_digest)
        held.save(update_fields=["done", "heartbeat_at", "model_digest"])
        run.model_digest = held.model_digest
    return True


class _Table:
    """The points of each level under the run's rubric, and of the marked answers that it leans on."""

    def __init__(self, question: Question, rubric: RubricVersion, graded: Sequence[engine.Graded]) -> None:
        self.maximum = question.points
        self.given = {one.id: rounded(exact(one.score) * exact(question.points)) for one in graded}
        self.levels = level_points(rubric.criteria, maximum=question.points)

    def of(self, criterion: str, level: str, share: float | None) -> Decimal | None:
        given = self.levels.get(criterion, {}).get(level)
        if given is not None:
            return rounded(given)
        return None if share is None else rounded(exact(share) * exact(self.maximum))


def _row(run: ProposalRun, answer: Answer, made: engine.Proposal, table: _Table, embedding_digest: str) -> Proposal:
    """Return the row of a proposal; points follow from the levels where there are criteria, never the other way."""
    proposed = made.decision == Proposal.Decision.PROPOSED
    criteria = [_criterion(one, made, table) for one in made.criteria]
    levels = {one.criterion_id: one.level_id for one in made.criteria if one.criterion_id and one.level_id}
    points: Decimal | None = None
    if proposed and table.levels and set(levels) == set(table.levels):
        points = rounded(sum((table.levels[one][level] for one, level in levels.items()), start=exact(0)))
        points = min(max(points, Decimal(0)), rounded(table.maximum))
    elif proposed and made.score is not None:
        points = rounded(exact(min(max(made.score, 0.0), 1.0)) * exact(table.maximum))
    return Proposal(
        organisation_id=run.organisation_id,
        run=run,
        answer=answer,
        answer_digest=answer.digest,
        decision=Proposal.Decision.PROPOSED if points is not None else Proposal.Decision.NONE,
        reason=made.reason[:40],
        situation=made.situation[:16],
        points=points,
        confidence=min(max(float(made.confidence), 0.0), 1.0),
        criteria=criteria,
        neighbours=_neighbours(made, table),
        features={
            **{name: round(float(value), 6) for name, value in made.features.items()},
            "distribution": {name: round(float(value), 6) for name, value in made.distribution.items()},
        },
        model_digest=combined_digest(made.model_digest, embedding_digest),
    )


def combined_digest(model: str, embedding: str) -> str:
    """Return the digest of the grading model together with the embedding model that it stood on."""
    return hashlib.sha256(f"{model}\n{embedding}".encode()).hexdigest()


def _criterion(one: engine.CriterionProposal, made: engine.Proposal, table: _Table) -> dict[str, Any]:
    share = made.score if not one.criterion_id else None
    points = table.of(one.criterion_id, one.level_id, share)
    start, end = one.evidence if one.evidence is not None else (None, None)
    return {
        "criterion": one.criterion_id,
        "level": one.level_id,
        "points": str(points if points is not None else Decimal(0)),
        "confidence": round(float(one.confidence), 4),
        "start": start,
        "end": end,
        "missing": list(one.missing),
        "neighbours": [one_of.answer_id for one_of in one.neighbours],
    }


def _neighbours(made: engine.Proposal, table: _Table) -> list[dict[str, Any]]:
    """Return the nearest marked answers, each with the points of its whole mark."""
    found: dict[str, dict[str, Any]] = {}
    for criterion in made.criteria:
        for one in criterion.neighbours:
            if one.answer_id == made.answer_id:
                continue
            held = found.get(one.answer_id)
            if held is None or held["similarity"] < one.similarity:
                found[one.answer_id] = {
                    "answer": one.answer_id,
                    "points": str(table.given[one.answer_id]),
                    "similarity": round(float(one.similarity), 4),
                }
    return sorted(found.values(), key=lambda one: (-one["similarity"], one["answer"]))[:3]


def _seeds(run: ProposalRun, graded: Sequence[engine.Graded], embed: Embedder) -> list[UUID]:
    """Choose the answers to mark first; the ones chosen by the first run stay, so that nobody marks in vain."""
    earlier = _earlier_seeds(run)
    if earlier or len(graded) >= SEEDS or run.question.kind in {Question.Kind.CHOICE, Question.Kind.NUMERIC}:
        return earlier
    from tutor.engine import seeding

    with acting_in(run.organisation_id):
        ids = list(standing_for(run.question).values_list("pk", flat=True)[:SEEDED_FROM])
        responses = [engine_response(answer) for answer in answers_of(run.question, ids)]
        proposals = Proposal.objects.for_organisation(run.organisation_id).filter(run=run, answer__in=ids)
        confidence = {str(answer): sure for answer, sure in proposals.values_list("answer", "confidence")}
    chosen = seeding.seeds(responses, embed=embed, count=SEEDS, confidence=confidence)
    return [UUID(one) for one in chosen]


def _earlier_seeds(run: ProposalRun) -> list[UUID]:
    with acting_in(run.organisation_id):
        earlier = (
            ProposalRun.objects.for_organisation(run.organisation_id)
            .filter(question=run.question, state=ProposalRun.State.DONE)
            .exclude(seeds=[])
            .first()
        )
    return list(earlier.seeds) if earlier is not None else []


def _finish(run: ProposalRun, seeds: Sequence[UUID]) -> None:
    system = system_principal(run.organisation_id)
    with acting_in(run.organisation_id):
        held = (
            ProposalRun.objects.for_organisation(run.organisation_id)
            .select_for_update(of=("self",))
            .select_related("question__rubric")
            .get(pk=run.pk)
        )
        if held.state != ProposalRun.State.RUNNING:
            return
        held.state, held.seeds, held.error_code = ProposalRun.State.DONE, list(seeds), ""
        held.finished_at = held.heartbeat_at = timezone.now()
        held.save(update_fields=["state", "seeds", "error_code", "finished_at", "heartbeat_at"])
        record(
            organisation_id=run.organisation_id,
            actor=system.actor,
            action="tutor.proposals_finished",
            object=Ref("question", run.question_id),
            digests={
                "run": str(run.pk),
                "model": held.model_digest,
                "rubric": run.rubric.digest,
                "proposals": held.done,
                "marks": held.marks_seen,
            },
        )
        if applies_itself(held):
            mark_applied(system, held)
        learning.learn_from_marks(system, held.question)


def applies_itself(run: ProposalRun) -> bool:
    """Whether nobody needs to look at the difference first.

    So it is for a question's first run, and for a run that only learned from new marks: the same rubric and the same
    model as what is shown. Neither touches an answer that a person has marked: its mark names the proposal that the
    marker saw.
    """
    if run.rubric_id != run.question.rubric_id:
        return False
    shown = (
        ProposalRun.objects.for_organisation(run.organisation_id)
        .filter(question_id=run.question_id, applied_at__isnull=False)
        .order_by("-applied_at")
        .first()
    )
    if shown is None:
        return True
    same = (shown.rubric_id, shown.model_digest) == (run.rubric_id, run.model_digest)
    return run.reason == ProposalRun.Reason.MARKS and same


def _wait(run: ProposalRun) -> None:
    """Leave the run to the clock; after an hour without the model service it has failed."""
    if run.created_at < timezone.now() - GIVE_UP_AFTER:
        _end(run, ProposalRun.State.FAILED, error_code="model_away")
    else:
        _end(run, ProposalRun.State.QUEUED, error_code="model_away")


def _end(run: ProposalRun, state: str, *, error_code: str) -> None:
    with acting_in(run.organisation_id):
        ProposalRun.objects.for_organisation(run.organisation_id).filter(
            pk=run.pk, state=ProposalRun.State.RUNNING
        ).update(
            state=state,
            error_code=error_code,
            heartbeat_at=timezone.now(),
            finished_at=timezone.now() if state == ProposalRun.State.FAILED else None,
        )


def _record_reading(run: ProposalRun, count: int) -> None:
    record(
        organisation_id=run.organisation_id,
        actor=system_principal(run.organisation_id).actor,
        action="tutor.answers_read",
        object=Ref("question", run.question_id),
        purpose="proposals",
        digests={"run": str(run.pk), "count": count},
    )


def _record_proposal(run: ProposalRun, row: Proposal) -> None:
    record(
        organisation_id=run.organisation_id,
        actor=system_principal(run.organisation_id).actor,
        action="tutor.proposed",
        subject=Ref("learner", row.answer.learner_id),
        object=Ref("answer", row.answer_id),
        digests={
            "run": str(run.pk),
            "proposal": str(row.pk),
            "answer": row.answer_digest,
            "decision": str(row.decision),
            "points": hundredths(row.points),
            "confidence": int(row.confidence * 1000),
            "model": row.model_digest,
            "rubric": run.rubric.digest,
            "features": features_digest(row),
            "neighbours": [one["answer"] for one in row.neighbours],
        },
    )


def features_digest(proposal: Proposal) -> str:
    """Return the digest of a proposal's numbers and levels, as a proof of the mark can compute it again."""
    import json

    content = {"features": proposal.features, "criteria": proposal.criteria}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
