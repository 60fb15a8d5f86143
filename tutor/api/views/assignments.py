"""Work that is set: assignments, and the later deadlines of single learners."""

from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.assignments import AssignmentSerializer, ExtensionSerializer
from tutor.authoring import services
from tutor.courses.queries import assignments_of
from tutor.models import Assignment
from tutor.permissions import course_for

EXAMPLE = {"title": "Heat", "instructions": "Answer in your own words.", "due_at": "2030-05-04T12:00:00Z"}


class AssignmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """By state."""

    state = django_filters.ChoiceFilter(choices=Assignment.State.choices)


class AssignmentsView(TutorView):
    queryset = Assignment.objects.none()
    filterset_class = AssignmentFilter

    @described("tutor_assignments", gives=AssignmentSerializer(many=True))
    def get(self, request: Request, course_id: UUID) -> Response:
        """List the assignments of a course, the latest first."""
        return self.paged(AssignmentSerializer, self.filter_queryset(self.get_queryset()))

    @described(
        "tutor_assignment_add", takes=AssignmentSerializer, gives=AssignmentSerializer, status=201, example=EXAMPLE
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        """Set work for a course, as a draft."""
        course_for(self.principal(request), course_id)
        values = self.taken(AssignmentSerializer)
        values.pop("state", None)
        made = services.add_assignment(self.principal(request), course_id, values)
        return self.shown(AssignmentSerializer, made, status=201)

    def get_queryset(self) -> QuerySet[Assignment]:
        return assignments_of(course_for(self.principal(self.request), self.kwargs["course_id"]))


class AssignmentView(TutorView):
    @described("tutor_assignment", gives=AssignmentSerializer)
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """Show an assignment."""
        return self.shown(AssignmentSerializer, services.assignment_of(self.principal(request), assignment_id))

    @described(
        "tutor_assignment_change",
        takes=AssignmentSerializer(partial=True),
        gives=AssignmentSerializer,
        example={"due_at": "2030-05-11T12:00:00Z"},
    )
    def patch(self, request: Request, assignment_id: UUID) -> Response:
        """Change an assignment: fields left out stay, and its state publishes, closes or opens it again."""
        principal = self.principal(request)
        held = services.assignment_of(principal, assignment_id)
        values = self.taken(AssignmentSerializer, instance=held)
        state = values.pop("state", None)
        if values:
            held = services.change_assignment(principal, assignment_id, values)
        if state is not None and state != held.state:
            held = services.set_state(principal, assignment_id, state)
        return self.shown(AssignmentSerializer, held)

    @described("tutor_assignment_delete", status=204)
    def delete(self, request: Request, assignment_id: UUID) -> Response:
        """Delete a draft that nobody has begun."""
        services.delete_assignment(self.principal(request), assignment_id)
        return Response(status=204)


class AssignmentCopyView(TutorView):
    @described("tutor_assignment_copy", gives=AssignmentSerializer, status=201)
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Make a draft with the same questions and rubrics, and no dates."""
        made = services.duplicate_assignment(self.principal(request), assignment_id)
        return self.shown(AssignmentSerializer, made, status=201)


class ExtensionsView(TutorView):
    @described("tutor_extensions", gives=ExtensionSerializer(many=True))
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """List the later deadlines of single learners. The read is recorded."""
        return self.paged(ExtensionSerializer, services.extensions_of(self.principal(request), assignment_id))


class ExtensionView(TutorView):
    @described("tutor_extension_set", takes=ExtensionSerializer, status=204, example={"due_at": "2030-05-18T12:00:00Z"})
    def put(self, request: Request, assignment_id: UUID, learner_id: UUID) -> Response:
        """Give one learner a later deadline."""
        given = self.taken(ExtensionSerializer)
        services.set_extension(self.principal(request), assignment_id, learner_id, **given)
        return Response(status=204)

    @described("tutor_extension_remove", status=204)
    def delete(self, request: Request, assignment_id: UUID, learner_id: UUID) -> Response:
        """Give one learner the deadline of all again."""
        services.set_extension(self.principal(request), assignment_id, learner_id, due_at=None)
        return Response(status=204)
