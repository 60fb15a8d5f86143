"""Questions with their rubrics, which are versions by content."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.questions import QuestionSerializer, RubricSerializer, content_from
from tutor.authoring import services
from tutor.models import Question, RubricVersion

EXAMPLE = {
    "kind": "short",
    "prompt": "Why does a puddle vanish on a warm day?",
    "points": "2.00",
    "references": ["The water evaporates, because heat gives its molecules the energy to leave the surface."],
    "criteria": [{"id": "evaporates", "text": "Says that the water evaporates"}],
}


class QuestionsView(TutorView):
    @described("tutor_questions", gives=QuestionSerializer(many=True))
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """List the questions of an assignment in the order in which they are asked."""
        found = services.assignment_of(self.principal(request), assignment_id)
        rows = Question.objects.for_organisation(found.organisation_id).filter(assignment=found)
        return self.paged(QuestionSerializer, rows.select_related("rubric").prefetch_related("skills"))

    @described("tutor_question_add", takes=QuestionSerializer, gives=QuestionSerializer, status=201, example=EXAMPLE)
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Add a question with its rubric at the end of an assignment."""
        given = self.taken(QuestionSerializer)
        made = services.save_question(self.principal(request), assignment_id, content_from(given))
        return self.shown(QuestionSerializer, services.question_of(self.principal(request), made.pk), status=201)


class QuestionView(TutorView):
    @described("tutor_question", gives=QuestionSerializer)
    def get(self, request: Request, question_id: UUID) -> Response:
        """Show a question with the rubric that holds now."""
        return self.shown(QuestionSerializer, services.question_of(self.principal(request), question_id))

    @described(
        "tutor_question_change",
        takes=QuestionSerializer(partial=True),
        gives=QuestionSerializer,
        example={"prompt": "Why does a puddle vanish on a warm and windy day?"},
    )
    def patch(self, request: Request, question_id: UUID) -> Response:
        """Change a question; fields left out stay. Other references or criteria are a new version of its rubric."""
        principal = self.principal(request)
        held = services.question_of(principal, question_id)
        content = content_from(self.taken(QuestionSerializer, instance=held), held)
        services.save_question(principal, held.assignment_id, content, question_id=question_id)
        return self.shown(QuestionSerializer, services.question_of(principal, question_id))

    @described("tutor_question_delete", status=204)
    def delete(self, request: Request, question_id: UUID) -> Response:
        """Delete a question that nobody has answered."""
        services.delete_question(self.principal(request), question_id)
        return Response(status=204)


class RubricsView(TutorView):
    @described("tutor_rubrics", gives=RubricSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List the versions of a question's rubric, the latest first."""
        held = services.question_of(self.principal(request), question_id)
        return self.paged(
            RubricSerializer, RubricVersion.objects.for_organisation(held.organisation_id).filter(question=held)
        )
