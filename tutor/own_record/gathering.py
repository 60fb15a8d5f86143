"""From what the school keeps of a learner to the record that they take along: plain values, as JSON can say them.

Of results it holds what is released. What markers have drafted is not the learner's to read yet, and is left out.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from tutor.chat.personal_data import exported_turn
from tutor.learning.personal_data import exported_mastery
from tutor.models import AnswerFile, ChatTurn, Course, Enrolment, Learner, PracticeTry, SkillMastery, Submission
from tutor.personal_data import exported_platforms
from tutor.practice.personal_data import exported_try
from tutor.results.queries import released
from tutor.results.types import ResultRow, Results
from tutor.work.queries import answer_rows
from tutor.work.rows import AnswerRow

FORMAT: Final = "llmasos-learner-record/1"


def gather(learner: Learner, *, school: str) -> dict[str, Any]:
    """Return the learner's record. Times are ISO 8601, points decimal numbers as text."""
    enrolments = Enrolment.objects.for_organisation(learner.organisation_id).filter(learner=learner)
    submissions = (
        Submission.objects.for_organisation(learner.organisation_id)
        .filter(learner=learner)
        .select_related("assignment__course")
        .order_by("started_at")
    )
    courses = {one.course_id: one for one in enrolments.select_related("course__term").order_by("enrolled_at")}
    return {
        "format": FORMAT,
        "school": school,
        "exported_at": timezone.now().isoformat(),
        "learner": {"name": learner.name, "email": learner.email, "number": learner.number},
        **exported_platforms(learner),
        "courses": [
            _course(
                one.course,
                one,
                [submission for submission in submissions if submission.assignment.course_id == course_id],
            )
            for course_id, one in courses.items()
        ],
    }


def files_of(learner: Learner) -> list[AnswerFile]:
    """Return the files that the learner handed in, without their contents."""
    files = AnswerFile.objects.for_organisation(learner.organisation_id).filter(learner=learner)
    return list(files.defer("content").order_by("uploaded_at", "pk"))


def path_of(file_id: object, name: str) -> str:
    """Return where a file lies in the archive. Names are without folders; the id tells files of one name apart."""
    return f"files/{file_id}/{name}"


def _course(course: Course, enrolment: Enrolment, submissions: list[Submission]) -> dict[str, Any]:
    of = course.organisation_id
    mastery = SkillMastery.objects.for_organisation(of).filter(learner=enrolment.learner_id, skill__course=course)
    tries = PracticeTry.objects.for_organisation(of).filter(learner=enrolment.learner_id, exercise__course=course)
    return {
        "name": course.name,
        "term": course.term.name if course.term is not None else "",
        "section": enrolment.section,
        "groups": enrolment.groups,
        "enrolled_at": enrolment.enrolled_at.isoformat(),
        "left_at": _moment(enrolment.withdrawn_at),
        "work": [_work(one) for one in submissions],
        "chat": [
            exported_turn(one)
            for one in ChatTurn.objects.for_organisation(of)
            .filter(learner=enrolment.learner_id, course=course)
            .order_by("asked_at")
        ],
        "skills": [exported_mastery(one) for one in mastery.select_related("skill__course").order_by("skill__name")],
        "practice": [
            exported_try(one)
            for one in tries.select_related("exercise__course", "exercise__skill").order_by("started_at")
        ],
    }


def _work(submission: Submission) -> dict[str, Any]:
    found = released(submission, is_own=True) if submission.state == Submission.State.SUBMITTED else None
    rows = {row.row.question.pk: row for row in found.rows} if found is not None else {}
    return {
        "title": submission.assignment.title,
        "attempt": submission.attempt,
        "begun_at": submission.started_at.isoformat(),
        "handed_in_at": _moment(submission.submitted_at),
        "digest": submission.digest,
        "result": _result(found) if found is not None and found.release is not None else None,
        "answers": [_answer(row, rows.get(row.question.pk)) for row in answer_rows(submission)],
    }


def _result(found: Results) -> dict[str, Any]:
    assert found.release is not None and found.deduction is not None  # noqa: S101, PT018 - so it is where it is released
    return {
        "released_at": found.release.released_at.isoformat(),
        "points": _number(found.points),
        "of": _number(found.most),
        "taken_off_for_lateness": _number(found.deduction.taken),
        "is_complete": found.is_complete,
    }


def _answer(row: AnswerRow, result: ResultRow | None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "number": row.number,
        "question": row.question.prompt,
        "text": row.text,
        "chosen": [one.text for one in row.options if one.chosen],
        "files": [{"name": one.name, "bytes": one.size, "path": path_of(one.id, one.name)} for one in row.files],
        "result": None,
        "regrades": [],
    }
    if result is None:
        return answer
    answer["regrades"] = [
        {
            "state": one.request.state,
            "messages": [
                {"by": "learner" if message.by_learner else "staff", "at": message.at.isoformat(), "text": message.text}
                for message in one.messages
            ],
        }
        for one in result.regrades
    ]
    if result.points is not None:
        answer["result"] = {
            "points": _number(result.points),
            "of": _number(result.most),
            "criteria": [
                {"text": one.text, "points": _number(one.points), "of": _number(one.most)} for one in result.criteria
            ],
            "feedback": result.feedback,
            "feedback_by": result.feedback_origin,
            "notes": [one.text for one in result.notes],
            "decided": result.decided,
        }
    return answer


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
