"""The work of finding similar answers to a question; it stores where they are alike, and none of their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.retrieval.models import Chunk
from tutor.marking import jobs
from tutor.marking.access import standing_for
from tutor.marking.mapping import answers_of, text_of
from tutor.models import MarkingJob, Question, SimilarPair
from tutor.quality import similar

MOST_PAIRS: Final = 500
"""The pairs with most in common that are kept; more than anybody reads."""
AT_ONCE: Final = 1_000


def find_similar(job: MarkingJob) -> None:
    """Look for answers with passages in common and store the pairs in the place of earlier ones."""
    question = job.question
    with acting_in(job.organisation_id):
        ids = list(standing_for(question).values_list("pk", flat=True))
        texts = {str(answer.pk): text_of(answer) for answer in answers_of(question, ids)}
        record(
            organisation_id=job.organisation_id,
            actor=system_principal(job.organisation_id).actor,
            action="tutor.answers_read",
            object=Ref("question", question.pk),
            purpose="similar",
            digests={"job": str(job.pk), "count": len(texts)},
        )
        if not jobs.beat(job, done=0, total=len(texts)):
            return
        found = similar.alike(texts, _known(question))[:MOST_PAIRS]
        Question.objects.for_organisation(job.organisation_id).select_for_update().get(pk=question.pk)
        if not jobs.beat(job, done=len(texts), total=len(texts)):
            return
        SimilarPair.objects.for_organisation(job.organisation_id).filter(question=question).delete()
        SimilarPair.objects.bulk_create(
            (
                SimilarPair(
                    organisation_id=job.organisation_id,
                    question=question,
                    first_id=UUID(one.first),
                    second_id=UUID(one.second),
                    words=one.words,
                    share=round(one.share, 4),
                    first_spans=[list(span) for span in one.first_spans],
                    second_spans=[list(span) for span in one.second_spans],
                )
                for one in found
            ),
            batch_size=AT_ONCE,
        )
        record(
            organisation_id=job.organisation_id,
            actor=system_principal(job.organisation_id).actor,
            action="tutor.similar_found",
            object=Ref("question", question.pk),
            digests={"job": str(job.pk), "answers": len(texts), "pairs": len(found)},
        )


def _known(question: Question) -> Iterator[str]:
    """Yield what every learner had before them, and what the answer should say: none of it is shared by copying."""
    yield question.prompt
    yield question.assignment.instructions
    rubric = question.rubric
    if rubric is not None:
        yield from rubric.references
        for criterion in rubric.criteria:
            yield str(criterion["text"])
            for level in criterion["levels"]:
                yield str(level.get("description", ""))
                yield from level.get("examples", ())
    collection_id = question.assignment.course.collection_id
    if collection_id is not None:
        chunks = Chunk.objects.for_organisation(question.organisation_id).filter(collection=collection_id)
        yield from chunks.values_list("text", flat=True).iterator(chunk_size=AT_ONCE)
