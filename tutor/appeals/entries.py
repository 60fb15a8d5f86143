"""Which entries of the log are about one mark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from llmasos.audit.models import Checkpoint, Position
from tutor.models import Answer, GroupAct, Mark, MarksImport, Proposal, ProposalRun, RegradeRequest

# Entries of an act are written in its transaction; its row's own time is some moments away from theirs.
_AROUND = timedelta(minutes=1)
_ON_MANY = (
    "tutor.group_marked", "tutor.group_undone", "tutor.marks_imported", "tutor.marks_import_undone",
    "tutor.proposals_asked", "tutor.proposals_finished", "tutor.proposals_applied",
)  # fmt: skip


def signed_size(organisation_id: UUID) -> int:
    """Return how many entries the newest checkpoint covers."""
    of = Checkpoint.objects.filter(organisation_id=organisation_id)
    return of.aggregate(size=Max("size"))["size"] or 0


def positions_of(answer: Answer, *, size: int) -> QuerySet[Position]:
    """Return the entries about an answer's marks among the first ``size``: its own, and acts that marked many at once.

    Inside ``acting_in``, whose row-level security admits the organisation's log.
    """
    of = answer.organisation_id
    requests = RegradeRequest.objects.for_organisation(of).filter(answer=answer).values_list("pk", flat=True)
    own = Q(
        entry__subject_id=answer.learner_id,
        entry__object_id__in=[answer.pk, answer.submission_id, *requests],
    )
    marks = Mark.objects.for_organisation(of).filter(answer=answer)
    acts = GroupAct.objects.for_organisation(of).filter(marks__in=marks)
    imports = MarksImport.objects.for_organisation(of).filter(marks__in=marks)
    runs = ProposalRun.objects.for_organisation(of).filter(
        pk__in=Proposal.objects.for_organisation(of).filter(answer=answer).values("run_id")
    )
    wanted = own
    for rows, named, fields in (
        (acts, "act", ("created_at", "undone_at")),
        (imports, "import", ("created_at", "undone_at")),
        (runs, "run", ("created_at", "finished_at", "applied_at")),
    ):
        for key, *moments in rows.distinct().values_list("pk", *fields):
            wanted |= _at(moments) & Q(**{f"entry__digests__{named}": str(key)})
    return Position.objects.filter(wanted, organisation_id=of, seq__lte=size).select_related("entry").order_by("seq")


def _at(moments: Iterable[datetime | None]) -> Q:
    """Return the condition for entries on many answers that were written about one of these moments."""
    near = Q()
    for moment in moments:
        if moment is not None:
            near |= Q(entry__recorded_at__range=(moment - _AROUND, moment + _AROUND))
    return near & Q(entry__action__in=_ON_MANY)
