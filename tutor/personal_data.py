"""What the tutor holds of a learner, for export, erasure and retention; and who has to do with whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.models import WITHOUT_MAIL
from llmasos.audit.types import Ref
from llmasos.privacy.registry import (
    RetentionClass,
    Store,
    SubjectKind,
    register_retention_class,
    register_store,
    register_subject_kind,
    stores_of,
)
from llmasos.privacy.relations import register_relation
from llmasos.privacy.subjects import id_of
from llmasos.vault.services import destroy_key
from tutor.bulk import acts
from tutor.jobs import AT_WORK
from tutor.models import (
    Annotation,
    Answer,
    BulkAct,
    CourseStaff,
    Enrolment,
    Guardian,
    Learner,
    LtiLearner,
    LtiScore,
    Mark,
    RegradeMessage,
    RosterImport,
    Submission,
)

KIND = "learner"
TABLES = (
    "tutor_learner", "tutor_enrolment", "tutor_guardian", "tutor_extension", "tutor_submission", "tutor_answer",
    "tutor_answerfile", "tutor_proposal", "tutor_groupmember", "tutor_mark", "tutor_release", "tutor_markinglock",
    "tutor_annotation", "tutor_regraderequest", "tutor_regrademessage", "tutor_feedbackdraft", "tutor_reveal",
    "tutor_similarpair", "tutor_ltilearner", "tutor_ltiscore",
)  # fmt: skip


def register() -> None:
    """Make learners, their work and the period for it known; called once, in ``AppConfig.ready``."""
    register_subject_kind(SubjectKind(KIND, _("Learner"), exists=_exists))
    register_retention_class(
        RetentionClass(
            "coursework",
            _("Work of learners, with its marks"),
            730,
            _("Two years, so that appeals are answered and a school year can be compared with the one before."),
            minimum_days=30,
        )
    )
    register_store(
        Store(
            name="tutor.work",
            label=_("Learners, their work, marks and requests"),
            purpose=_("To set work, mark it and tell learners their results"),
            categories=(
                _("Names and numbers"),
                pgettext_lazy("of learners", "Answers"),
                _("Marks and feedback"),
                _("Proposals"),
                pgettext_lazy("moments", "Times"),
            ),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            retention_class="coursework",
            tables=TABLES,
            erase=_erase,
            export=_export,
            count=lambda organisation_id, subject: _submissions(organisation_id, subject).count(),
            expire=_expire,
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
            order=20,
        )
    )
    register_store(
        Store(
            name="tutor.roster_imports",
            label=_("Roster files on their way"),
            purpose=_("To take over from the school's own system who is in which course"),
            categories=(_("Names and numbers"),),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            tables=("tutor_rosterimport",),
            erase=_erase_uploads,
            export=lambda organisation_id, subject: [],
            kept=_("Files are deleted once they are applied, and after a day at most."),
            order=19,
        )
    )
    register_store(
        Store(
            name="tutor.bulk_acts",
            label=_("Files of marks, sheets and cards that wait"),
            purpose=_("To take marks over, to mark outside, and to print cards"),
            categories=(pgettext_lazy("of learners", "Answers"), _("Marks and feedback"), _("PINs of cards")),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            tables=("tutor_bulkact",),
            erase=_erase_acts,
            export=lambda organisation_id, subject: [],
            kept=_("They are deleted once they are done with, and after a day at most."),
            order=19,
        )
    )
    register_relation(KIND, _("of a course"), _in_a_course)
    register_relation(KIND, _("of being the guardian"), _guarded)


def _exists(organisation_id: UUID, learner_id: UUID) -> bool:
    return Learner.objects.for_organisation(organisation_id).filter(pk=learner_id).exists()


def _submissions(organisation_id: UUID, subject: Ref | None) -> QuerySet[Submission]:
    rows = Submission.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(learner_id=id_of(subject))


def _erase(organisation_id: UUID, subject: Ref) -> int:
    """Delete the learner with everything handed in, every word about it, and an account that was made for a card."""
    return _delete(organisation_id, [id_of(subject)])


def _erase_uploads(organisation_id: UUID, subject: Ref) -> int:
    """Delete all files that wait: who is named in them cannot be told without opening them, and they can come again."""
    waiting = RosterImport.objects.for_organisation(organisation_id).filter(step=RosterImport.Step.CHECK)
    return waiting.exclude(state__in=AT_WORK).delete()[0]


def _erase_acts(organisation_id: UUID, subject: Ref) -> int:
    """Delete everything that waits, as with uploads, and stop what is under way; it can be asked for again."""
    rows = BulkAct.objects.for_organisation(organisation_id)
    stopped = acts.given_up(rows, acts.STOPPED)
    return len(stopped) + rows.exclude(pk__in=stopped).exclude(state__in=AT_WORK).delete()[0]


def _delete(organisation_id: UUID, learner_ids: Sequence[UUID]) -> int:
    learners = Learner.objects.for_organisation(organisation_id).filter(pk__in=learner_ids)
    made_for_cards = learners.filter(person__email__endswith=f"@{WITHOUT_MAIL}")
    accounts = list(made_for_cards.values_list("person_id", flat=True))
    count = learners.delete()[0]
    return count + sum(
        store.erase(organisation_id, Ref("person", person_id))
        for person_id in accounts
        for store in stores_of("person")
    )


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Learner]:
    """Learners of whom nothing is younger, and who are in no course any more."""
    younger = Submission.objects.for_organisation(organisation_id).filter(
        learner=OuterRef("pk"), started_at__gte=before
    )
    present = Enrolment.objects.for_organisation(organisation_id).filter(
        learner=OuterRef("pk"), withdrawn_at=None, course__archived_at=None
    )
    rows = Learner.objects.for_organisation(organisation_id).filter(~Exists(younger), ~Exists(present))
    return rows.filter(created_at__lt=before).exclude(pk__in=[ref.id for ref in held if ref.kind == KIND])


def _expire(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    """Remove learners who left, with their keys, so that backups are empty too."""
    gone = list(_old(organisation_id, before, held).values_list("pk", flat=True))
    for learner_id in gone:
        destroy_key(organisation_id=organisation_id, subject_kind=KIND, subject_id=learner_id)
    _delete(organisation_id, gone)
    return len(gone)


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    learner = Learner.objects.for_organisation(organisation_id).filter(pk=id_of(subject)).first()
    if learner is None:
        return []
    enrolments = Enrolment.objects.for_organisation(organisation_id).filter(learner=learner)
    own = {
        "learner": str(learner.pk),
        "name": learner.name,
        "e-mail": learner.email,
        "number": learner.number,
        "courses": [
            {"course": one.course.name, "section": one.section, "groups": one.groups}
            for one in enrolments.select_related("course").order_by("enrolled_at")
        ],
    }
    own |= exported_platforms(learner)
    rows = _submissions(organisation_id, subject).select_related("assignment").order_by("started_at")
    return [own, *(_exported(submission) for submission in rows)]


def exported_platforms(learner: Learner) -> dict[str, Any]:
    """Return which learning platforms know the learner, and what of their scores was sent there."""
    accounts = LtiLearner.objects.for_organisation(learner.organisation_id).filter(learner=learner)
    scores = LtiScore.objects.for_organisation(learner.organisation_id).filter(learner=learner)
    return {
        "learning_platforms": [
            {"platform": one.platform.name, "user": one.sub} for one in accounts.select_related("platform")
        ],
        "scores_sent": [
            {
                "platform": one.link.context.platform.name,
                "assignment": one.link.assignment.title if one.link.assignment is not None else "",
                "state": one.state,
                "points": str(one.points) if one.points is not None else None,
                "of": str(one.maximum) if one.maximum is not None else None,
                "sent_at": one.sent_at.isoformat() if one.sent_at is not None else None,
            }
            for one in scores.select_related("link__assignment", "link__context__platform").order_by("due_at")
        ],
    }


def _exported(submission: Submission) -> dict[str, Any]:
    organisation_id = submission.organisation_id
    answers = Answer.objects.for_organisation(organisation_id).filter(submission=submission)
    return {
        "assignment": submission.assignment.title,
        "attempt": submission.attempt,
        "started_at": submission.started_at.isoformat(),
        "handed_in_at": submission.submitted_at.isoformat() if submission.submitted_at else None,
        "digest": submission.digest,
        "answers": [
            {
                "question": answer.question.prompt,
                "text": answer.text,
                "notes": [
                    {"start": note.start, "end": note.end, "text": note.text}
                    for note in Annotation.objects.for_organisation(organisation_id).filter(answer=answer)
                ],
                "choices": answer.choices,
                "marks": [
                    {"points": str(mark.points), "feedback": mark.feedback, "given_at": mark.created_at.isoformat()}
                    for mark in Mark.objects.for_organisation(organisation_id).filter(answer=answer)
                ],
                "regrade": [
                    {"at": message.created_at.isoformat(), "text": message.text}
                    for message in RegradeMessage.objects.for_organisation(organisation_id).filter(
                        request__answer=answer
                    )
                ],
            }
            for answer in answers.select_related("question").order_by("question__position")
        ],
    }


def _in_a_course(organisation_id: UUID, person_id: UUID, learners: frozenset[UUID]) -> frozenset[UUID]:
    courses = CourseStaff.objects.for_organisation(organisation_id).filter(person_id=person_id).values("course_id")
    rows = Enrolment.objects.for_organisation(organisation_id).filter(learner_id__in=learners, course_id__in=courses)
    return frozenset(rows.values_list("learner_id", flat=True))


def _guarded(organisation_id: UUID, person_id: UUID, learners: frozenset[UUID]) -> frozenset[UUID]:
    rows = Guardian.objects.for_organisation(organisation_id).filter(person_id=person_id, learner_id__in=learners)
    return frozenset(rows.values_list("learner_id", flat=True))
