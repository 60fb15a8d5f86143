"""The work of trying tricks on a question: weak answers turned into others, and proposed for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.engine.types import Graded, Proposal, Response
from tutor.engine.types import Question as Asked
from tutor.marking import jobs
from tutor.marking.access import standing_for
from tutor.marking.embedding import Embedder
from tutor.marking.mapping import answers_of, engine_question, marks_as_graded, text_of
from tutor.marking.running import combined_digest
from tutor.marking.shown import applied_run
from tutor.models import MarkingJob, Question, RobustnessCheck
from tutor.models import Proposal as StoredProposal
from tutor.quality import figures
from tutor.training.queries import model_for

TRIED: Final = 30
"""Weak answers that each trick is tried on; more would take long and change little."""
WEAK_BELOW: Final = 0.5


def check_robustness(job: MarkingJob) -> None:
    """Try every trick on the question's weak answers with the present rubric and model, and store what it gained."""
    question = job.question
    rubric = question.rubric
    if rubric is None:
        return
    with acting_in(job.organisation_id):
        graded = marks_as_graded(question)
        weak = _weak(question, graded)
        record(
            organisation_id=job.organisation_id,
            actor=system_principal(job.organisation_id).actor,
            action="tutor.answers_read",
            object=Ref("question", question.pk),
            purpose="robustness",
            digests={"job": str(job.pk), "count": len(weak) + len(graded)},
        )
        if not jobs.beat(job, done=0, total=_rounds()):
            return
    asked = engine_question(question, rubric)
    # What is tried stands for an answer that nobody has marked: the marks of its own first words are not heard.
    heard = [one for one in graded if one.id not in weak]
    results, digest = _tried(job, asked, weak, heard) if weak else ([], "")
    with acting_in(job.organisation_id):
        Question.objects.for_organisation(job.organisation_id).select_for_update().get(pk=question.pk)
        if not jobs.beat(job, done=_rounds(), total=_rounds()):
            return
        check = RobustnessCheck.objects.create(
            organisation_id=job.organisation_id,
            question=question,
            rubric=rubric,
            model_digest=digest,
            answers=len(weak),
            marks_seen=len(heard),
            results=results,
        )
        record(
            organisation_id=job.organisation_id,
            actor=system_principal(job.organisation_id).actor,
            action="tutor.robustness_checked",
            object=Ref("question", question.pk),
            digests={
                "job": str(job.pk),
                "check": str(check.pk),
                "rubric": rubric.digest,
                "model": digest,
                "answers": len(weak),
            },
        )


def _rounds() -> int:
    from tutor.engine.attacks import ATTACKS, FURTHER

    return len(ATTACKS) + len(FURTHER) + 2


def _weak(question: Question, graded: Sequence[Graded]) -> dict[str, str]:
    """Return the texts of weak answers by id: marked low, or proposed low where nobody has marked; blank ones not."""
    share = {one.id: one.score for one in graded}
    run = applied_run(question)
    if run is not None and question.points:
        proposed = StoredProposal.objects.for_organisation(question.organisation_id).filter(run=run)
        for answer_id, points in proposed.values_list("answer_id", "points"):
            if points is None:
                continue
            share.setdefault(str(answer_id), float(points / question.points))
    ids = [one for one in standing_for(question).values_list("pk", flat=True) if share.get(str(one), 1.0) < WEAK_BELOW]
    found: dict[str, str] = {}
    for answer in answers_of(question, ids):
        if text_of(answer).strip():
            found[str(answer.pk)] = text_of(answer)
        if len(found) == TRIED:
            break
    return found


def _tried(
    job: MarkingJob, asked: Asked, weak: Mapping[str, str], heard: Sequence[Graded]
) -> tuple[list[dict[str, Any]], str]:
    """Return the results of every trick, and the digest of the models that they were tried on."""
    from tutor.engine import proposing
    from tutor.engine.attacks import ATTACKS, FURTHER, PASTED_NAME, attacked

    embed = Embedder(job.organisation_id)
    model = model_for(job.organisation_id)

    def proposals(texts: Mapping[str, str]) -> list[Proposal]:
        responses = [Response(one, text) for one, text in texts.items()]
        return proposing.propose(asked, responses, heard, embed=embed, model=model)

    before = [one.score or 0.0 for one in proposals(weak)]
    results: list[dict[str, Any]] = []
    for done, name in enumerate((*ATTACKS, *FURTHER, PASTED_NAME), start=1):
        with acting_in(job.organisation_id):
            if not jobs.beat(job, done=done, total=_rounds()):
                return results, ""
        tried = {one: attacked(name, asked, text, seed=one) for one, text in weak.items()}
        after = proposals(tried)
        gains = [0.0 if one.score is None else one.score - score for score, one in zip(before, after, strict=True)]
        mean = figures.mean_of(gains, within=(-1.0, 1.0))
        results.append(
            {
                "attack": name,
                "gain": _rounded(mean.value),
                "low": _rounded(mean.low),
                "high": _rounded(mean.high),
                "raised": sum(gain > 0 for gain in gains),
                "held": sum(one.score is None for one in after),
            }
        )
    return results, combined_digest(model.digest, embed.digest)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
