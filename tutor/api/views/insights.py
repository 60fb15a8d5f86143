"""What marks and answers say: agreement, the dial, and how learners stand."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.insights import (
    DialSerializer,
    LearningSerializer,
    PairSerializer,
    PairTextsSerializer,
    QualitySerializer,
    RobustnessSerializer,
)
from tutor.dial.queries import dial_state
from tutor.learning.queries import learning_of
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


class LearningView(TutorView):
    @described("tutor_learning", gives=LearningSerializer)
    def get(self, request: Request, course_id: UUID, learner_id: UUID) -> Response:
        """Show how a learner stands with each skill of a course, and what they are advised. The read is recorded."""
        return self.shown(LearningSerializer, learning_of(self.principal(request), course_id, learner_id))
