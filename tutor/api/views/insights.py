"""What marks and answers say: agreement, the dial, and how learners stand."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.insights import (
    DialSerializer,
    LearningSerializer,
    MarkingJobSerializer,
    PairSerializer,
    PairTextsSerializer,
    QualitySerializer,
    RobustnessSerializer,
)
from tutor.dial.queries import dial_state
from tutor.learning.queries import learning_of
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import NotFoundError
from tutor.models import MarkingJob
from tutor.quality import robustness, similar_pairs
from tutor.quality.reading import question_quality


class DialView(TutorView):
    @described("tutor_dial", gives=DialSerializer)
    def get(self, request: Request, question_id: UUID) -> Response:
        """Show how much of a question is reviewed, and what marks so far promise for each place of the dial."""
        return self.shown(DialSerializer, dial_state(self.principal(request), question_id))


class QualityView(TutorView):
    @described("tutor_quality", gives=QualitySerializer)
    def get(self, request: Request, question_id: UUID) -> Response:
        """Show how proposals and marks of a question agree, with intervals; hidden under ten pairs."""
        return self.shown(QualitySerializer, question_quality(self.principal(request), question_id))


class SimilarView(TutorView):
    @described("tutor_similar", gives=PairSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List pairs of similar answers that were found last, under pseudonyms. Why they are alike, a person says."""
        return self.paged(PairSerializer, similar_pairs.pairs(self.principal(request), question_id))


class PairView(TutorView):
    @described("tutor_similar_pair", gives=PairTextsSerializer)
    def get(self, request: Request, pair_id: UUID) -> Response:
        """Show both texts of a pair with what they share. The read is recorded for both learners."""
        return self.shown(PairTextsSerializer, similar_pairs.open_pair(self.principal(request), pair_id))


class RobustnessView(TutorView):
    @described("tutor_robustness", gives=RobustnessSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List checks of what tricks would gain on a question, the latest first."""
        return self.paged(RobustnessSerializer, robustness.checks(self.principal(request), question_id))


class SimilarSearchView(TutorView):
    @described("tutor_similar_search", gives=MarkingJobSerializer)
    def get(self, request: Request, question_id: UUID) -> Response:
        """Show how far the latest search for similar answers is."""
        return self.shown(MarkingJobSerializer, _latest(self, request, question_id, MarkingJob.Kind.SIMILAR))

    @described("tutor_similar_ask", gives=MarkingJobSerializer, status=202)
    def post(self, request: Request, question_id: UUID) -> Response:
        """Ask for a question's answers to be compared with each other; the search under way is given back instead."""
        made = similar_pairs.look_for_similar(self.principal(request), question_id)
        return self.shown(MarkingJobSerializer, made, status=202)


class RobustnessCheckView(TutorView):
    @described("tutor_robustness_check", gives=MarkingJobSerializer)
    def get(self, request: Request, question_id: UUID) -> Response:
        """Show how far the latest check of what tricks would gain is."""
        return self.shown(MarkingJobSerializer, _latest(self, request, question_id, MarkingJob.Kind.ROBUSTNESS))

    @described("tutor_robustness_ask", gives=MarkingJobSerializer, status=202)
    def post(self, request: Request, question_id: UUID) -> Response:
        """Ask for tricks to be tried on a question; the check under way is given back instead."""
        made = robustness.ask_for_check(self.principal(request), question_id)
        return self.shown(MarkingJobSerializer, made, status=202)


def _latest(view: TutorView, request: Request, question_id: UUID, kind: str) -> MarkingJob:
    principal = view.principal(request)
    question_for(principal, question_id, *FIRST_MARKERS)
    job = similar_pairs.latest_job(principal, question_id, kind)
    if job is None:
        raise NotFoundError
    return job


class LearningView(TutorView):
    @described("tutor_learning", gives=LearningSerializer)
    def get(self, request: Request, course_id: UUID, learner_id: UUID) -> Response:
        """Show how a learner stands with each skill of a course, and what they are advised. The read is recorded."""
        return self.shown(LearningSerializer, learning_of(self.principal(request), course_id, learner_id))
