"""The work of grouping: the answers of a question into groups at their present version, in one transaction."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.engine.types import Response
from tutor.marking import jobs
from tutor.marking.access import standing_for
from tutor.marking.embedding import Embedder
from tutor.marking.mapping import answers_of, engine_response
from tutor.models import Answer, AnswerGroup, GroupMember, MarkingJob, Question

MEMBERS_AT_ONCE: Final = 1_000


def group_answers(job: MarkingJob) -> None:
    """Put answers that are in no group of a person's making into groups, the largest first."""
    from tutor.grouping import group

    question = job.question
    with acting_in(job.organisation_id):
        kept = GroupMember.objects.for_organisation(job.organisation_id).filter(
            group__question=question, group__made_by_hand=True
        )
        by_hand = set(kept.values_list("answer", flat=True))
        ids = [one for one in standing_for(question).values_list("pk", flat=True) if one not in by_hand]
        answers: dict[str, Answer] = {}
        responses: list[Response] = []
        for answer in answers_of(question, ids):
            # Read at once, while the keys that came with it are kept.
            responses.append(engine_response(answer))
            answers[str(answer.pk)] = answer
        _record_reading(job, len(responses))
        if not jobs.beat(job, done=0, total=len(responses)):
            return
    references = tuple(question.rubric.references) if question.rubric is not None else ()
    embed = Embedder(job.organisation_id)
    found = group(responses, embed=embed, references=references, prompt=question.prompt).groups
    with acting_in(job.organisation_id):
        # Held, so that two jobs after a lost worker do not both store.
        Question.objects.for_organisation(job.organisation_id).select_for_update().get(pk=question.pk)
        if not jobs.beat(job, done=len(responses), total=len(responses)):
            return
        old = AnswerGroup.objects.for_organisation(job.organisation_id).filter(question=question, made_by_hand=False)
        GroupMember.objects.for_organisation(job.organisation_id).filter(group__in=old).delete()
        old.delete()
        taken = set(
            GroupMember.objects.for_organisation(job.organisation_id)
            .filter(group__question=question)
            .values_list("answer", flat=True)
        )
        rows: list[GroupMember] = []
        groups: list[AnswerGroup] = []
        for position, one in enumerate(found, start=1):
            members = [answers[name] for name in one.member_ids if UUID(name) not in taken]
            if not members:
                continue
            made = AnswerGroup(
                organisation_id=job.organisation_id,
                question=question,
                position=position,
                purity=round(one.purity, 4),
                exemplar_id=UUID(one.exemplar_id),
            )
            groups.append(made)
            odd = set(one.odd_ids)
            rows.extend(
                GroupMember(
                    organisation_id=job.organisation_id,
                    group=made,
                    answer=answer,
                    answer_digest=answer.digest,
                    odd=str(answer.pk) in odd,
                )
                for answer in members
            )
        AnswerGroup.objects.bulk_create(groups)
        GroupMember.objects.bulk_create(rows, batch_size=MEMBERS_AT_ONCE)
        record(
            organisation_id=job.organisation_id,
            actor=system_principal(job.organisation_id).actor,
            action="tutor.groups_made",
            object=Ref("question", question.pk),
            digests={"job": str(job.pk), "groups": len(groups), "answers": len(rows)},
        )


def _record_reading(job: MarkingJob, count: int) -> None:
    record(
        organisation_id=job.organisation_id,
        actor=system_principal(job.organisation_id).actor,
        action="tutor.answers_read",
        object=Ref("question", job.question_id),
        purpose="groups",
        digests={"job": str(job.pk), "count": count},
    )
