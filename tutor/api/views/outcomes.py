"""What learners are shown, and what leaves for other systems. Releasing and answering are decisions of people."""

from __future__ import annotations

import json
from typing import Any, Literal
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from llmasos.api.problems import CONTENT_TYPE
from llmasos.api.views import PROBLEM
from tutor.api.base import TutorView, described
from tutor.api.serializers.outcomes import (
    RegradeSerializer,
    RegradeThreadSerializer,
    ReleasedSerializer,
    ReleaseSerializer,
    ResultsSerializer,
    SayingSerializer,
    SubmissionStateSerializer,
    WithdrawnSerializer,
    WithdrawSerializer,
)
from tutor.appeals.services import appeal_bundle
from tutor.interchange.gradebook import LAYOUTS, gradebook
from tutor.marking import queries, services
from tutor.results.queries import results_of_learner


class ReleasesView(TutorView):
    @described("tutor_releases", gives=SubmissionStateSerializer(many=True))
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """List what of an assignment is released, and what the rest lacks, under pseudonyms."""
        found = queries.release_state(self.principal(request), assignment_id)
        return self.paged(SubmissionStateSerializer, found.submissions)

    @described(
        "tutor_release",
        takes=ReleaseSerializer,
        gives=ReleasedSerializer,
        example={"submissions": ["5a1f7c1e-0f2b-4c7e-9a55-3f0f5f0d9a11"]},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Show learners their marks. Only people release: an API key is a program and is refused."""
        given = self.taken(ReleaseSerializer)
        batch, count = services.release(
            self.principal(request), assignment_id, given["submissions"], partly=given["partly"]
        )
        return self.shown(ReleasedSerializer, {"batch": batch, "count": count})


class ReleaseWithdrawView(TutorView):
    @described(
        "tutor_release_withdraw",
        takes=WithdrawSerializer,
        gives=WithdrawnSerializer,
        example={"batch": "5a1f7c1e-0f2b-4c7e-9a55-3f0f5f0d9a11"},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Take a release back. Only people do: an API key is a program and is refused."""
        batch = self.taken(WithdrawSerializer)["batch"]
        count = services.withdraw_release(self.principal(request), assignment_id, batch=batch)
        return self.shown(WithdrawnSerializer, {"count": count})


class RegradesView(TutorView):
    @described(
        "tutor_regrades",
        gives=RegradeSerializer(many=True),
        parameters=[OpenApiParameter("state", str, enum=["open", "all"], description="Open ones, or all.")],
    )
    def get(self, request: Request) -> Response:
        """List learners' requests to have a mark looked at again, under pseudonyms, the oldest first."""
        state: Literal["open", "all"] = "all" if request.query_params.get("state") == "all" else "open"
        return self.paged(RegradeSerializer, queries.regrades(self.principal(request), state=state))


class RegradeView(TutorView):
    @described("tutor_regrade", gives=RegradeThreadSerializer)
    def get(self, request: Request, regrade_id: UUID) -> Response:
        """Show a request with its thread. The read is recorded."""
        return self.shown(RegradeThreadSerializer, queries.regrade(self.principal(request), regrade_id))


class RegradeMessagesView(TutorView):
    @described("tutor_regrade_reply", takes=SayingSerializer, status=204, example={"text": "I will look at it."})
    def post(self, request: Request, regrade_id: UUID) -> Response:
        """Write to the learner in an open request. Only people do: an API key is a program and is refused."""
        services.answer_regrade(self.principal(request), regrade_id, text=self.taken(SayingSerializer)["text"])
        return Response(status=204)


class LearnerResultsView(TutorView):
    @described("tutor_results", gives=ResultsSerializer(many=True))
    def get(self, request: Request, course_id: UUID, learner_id: UUID) -> Response:
        """List what is released to a learner in a course, the latest first. Each read is recorded."""
        return self.paged(ResultsSerializer, results_of_learner(self.principal(request), course_id, learner_id))


class TableRenderer(BaseRenderer):
    """A table as it is; problems stay the JSON documents that they are."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, *_context: Any) -> bytes:
        return data.encode() if isinstance(data, str) else json.dumps(data).encode()


class ArchiveRenderer(BaseRenderer):
    """An archive as it is; problems stay the JSON documents that they are."""

    media_type = "application/zip"
    format = "zip"

    def render(self, data: Any, *_context: Any) -> bytes:
        return data if isinstance(data, bytes) else json.dumps(data).encode()


class ProofView(TutorView):
    renderer_classes = [ArchiveRenderer]

    @described("tutor_proof", gives={(200, "application/zip"): OpenApiTypes.BINARY, (409, CONTENT_TYPE): PROBLEM})
    def get(self, request: Request, answer_id: UUID) -> Response:
        """Hand out the proof of an answer's marks. The export is recorded.

        The ZIP file holds what the log says about them, for `llmasos-verify` to check offline. It says whose the work
        is: a program gets none of work that is marked anonymously.
        """
        return Response(appeal_bundle(self.principal(request), answer_id), headers={"Cache-Control": "no-store"})


class GradebookView(TutorView):
    renderer_classes = [TableRenderer]

    @described(
        "tutor_gradebook",
        gives={(200, "text/csv"): OpenApiTypes.STR},
        parameters=[
            OpenApiParameter("layout", str, enum=list(LAYOUTS), description="Column names of which system."),
            OpenApiParameter("decimal_comma", bool, description="For spreadsheets of countries with a decimal comma."),
        ],
    )
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """Hand out the released points of everybody in the course as CSV. The export is recorded."""
        asked = request.query_params.get("layout", "")
        layout = asked if asked in LAYOUTS else "common"
        comma = request.query_params.get("decimal_comma") in {"true", "1"}
        text = gradebook(self.principal(request), assignment_id, layout=layout, decimal_comma=comma)
        return Response(text, content_type="text/csv; charset=utf-8")
