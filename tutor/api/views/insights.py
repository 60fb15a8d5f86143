"""What marks and answers say: agreement, the dial, and how learners stand."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.insights import DialSerializer, LearningSerializer, QualitySerializer
from tutor.dial.queries import dial_state
from tutor.learning.queries import learning_of
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


class LearningView(TutorView):
    @described("tutor_learning", gives=LearningSerializer)
    def get(self, request: Request, course_id: UUID, learner_id: UUID) -> Response:
        """Show how a learner stands with each skill of a course, and what they are advised. The read is recorded."""
        return self.shown(LearningSerializer, learning_of(self.principal(request), course_id, learner_id))
