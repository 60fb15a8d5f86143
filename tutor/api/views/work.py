"""What was handed in, read under pseudonyms, and work from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.work import (
    AnswerSerializer,
    ImportReplySerializer,
    ImportSerializer,
    SubmissionSerializer,
)
from tutor.marking import queries
from tutor.models import Submission
from tutor.work.importing import Elsewhere, import_work
from tutor.work.writing import Written


class SubmissionFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """By who handed in, and when."""

    handed_in_by = django_filters.ChoiceFilter(choices=Submission.HandedInBy.choices)
    submitted_after = django_filters.IsoDateTimeFilter(field_name="submitted_at", lookup_expr="gte")


class SubmissionsView(TutorView):
    queryset = Submission.objects.none()
    filterset_class = SubmissionFilter

    @described("tutor_submissions", gives=SubmissionSerializer(many=True))
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """List the attempts that count, under pseudonyms, in the order in which everybody marks."""
        return self.paged(SubmissionSerializer, self.filter_queryset(self.get_queryset()))

    @described(
        "tutor_submissions_import",
        takes=ImportSerializer,
        gives=ImportReplySerializer,
        example={
            "submissions": [
                {
                    "identifier": "1815",
                    "submitted_at": "2026-05-04T09:30:00Z",
                    "answers": [
                        {"question": "5a1f7c1e-0f2b-4c7e-9a55-3f0f5f0d9a11", "text": "The heat makes it evaporate."}
                    ],
                }
            ]
        },
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Hand in answers that learners gave elsewhere.

        Each learner's answers are one more attempt, frozen at once, with the digests that prove it; questions left
        out have an empty answer. The same answers again are the attempt that was imported before.
        """
        works = [_elsewhere(one) for one in self.taken(ImportSerializer)["submissions"]]
        done = import_work(self.principal(request), assignment_id, works)
        return self.shown(ImportReplySerializer, {"submissions": done})

    def get_queryset(self) -> QuerySet[Submission]:
        return queries.submissions(self.principal(self.request), self.kwargs["assignment_id"])


class SubmissionView(TutorView):
    @described("tutor_submission", gives=SubmissionSerializer)
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Show an attempt that was handed in, under its pseudonym."""
        return self.shown(SubmissionSerializer, queries.submission(self.principal(request), submission_id))


class AnswerView(TutorView):
    @described("tutor_answer", gives=AnswerSerializer)
    def get(self, request: Request, answer_id: UUID) -> Response:
        """Show an answer that was handed in, under its pseudonym. The read is recorded."""
        principal = self.principal(request)
        found = queries.answer(principal, answer_id)
        queries.record_answers_read(principal, found.question_id, [found.pk], purpose="api")
        return self.shown(AnswerSerializer, found)


class AnswersView(TutorView):
    @described("tutor_answers", gives=AnswerSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List the answers to a question that count, under pseudonyms. The read is recorded."""
        principal = self.principal(request)
        reply = self.paged(AnswerSerializer, queries.answers(principal, question_id))
        queries.record_answers_read(principal, question_id, [one["id"] for one in reply.data["results"]], purpose="api")
        return reply


def _elsewhere(given: dict[str, Any]) -> Elsewhere:
    return Elsewhere(
        learner=given.get("learner") or given["identifier"],
        answers={one["question"]: Written(one["text"], tuple(one["choices"])) for one in given["answers"]},
        submitted_at=given["submitted_at"],
    )
