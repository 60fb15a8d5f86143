"""Courses and their staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.courses import (
    CourseSerializer,
    StaffReplySerializer,
    StaffRequestSerializer,
    StaffSerializer,
)
from tutor.courses import queries, services
from tutor.models import Course
from tutor.permissions import course_for


class CourseFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """By term, by the school's own id, and whether they are in the archive."""

    term = django_filters.UUIDFilter(field_name="term_id")
    external_id = django_filters.CharFilter()
    archived = django_filters.BooleanFilter(field_name="archived_at", lookup_expr="isnull", exclude=True)


class CoursesView(TutorView):
    queryset = Course.objects.none()
    filterset_class = CourseFilter

    @described("tutor_courses", gives=CourseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the courses of the organisation, those in the archive too."""
        return self.paged(CourseSerializer, self.filter_queryset(self.get_queryset()))

    @described(
        "tutor_course_add",
        takes=CourseSerializer,
        gives=CourseSerializer,
        status=201,
        example={"name": "Physics 9", "code": "PHY-9", "external_id": "sis-4711", "language": "en"},
    )
    def post(self, request: Request) -> Response:
        """Make a course.

        A course that a program makes has no staff: give it a teacher next, so that somebody can mark in it.
        """
        values = self.taken(CourseSerializer)
        archived = values.pop("archived", False)
        made = services.add_course(self.principal(request), values)
        if archived:
            services.set_archived(self.principal(request), made.pk, archived=True)
        return self.shown(CourseSerializer, self.get_queryset().get(pk=made.pk), status=201)

    def get_queryset(self) -> QuerySet[Course]:
        return queries.courses(self.principal(self.request), archived=None)


class CourseView(TutorView):
    @described("tutor_course", gives=CourseSerializer)
    def get(self, request: Request, course_id: UUID) -> Response:
        """Show a course."""
        return self._shown(course_id)

    @described(
        "tutor_course_change", takes=CourseSerializer(partial=True), gives=CourseSerializer, example={"archived": True}
    )
    def patch(self, request: Request, course_id: UUID) -> Response:
        """Change fields of a course, or put it into the archive and bring it back; fields left out stay."""
        principal = self.principal(request)
        values = self.taken(CourseSerializer, instance=course_for(principal, course_id))
        archived = values.pop("archived", None)
        if values:
            services.change_course(principal, course_id, values)
        if archived is not None:
            services.set_archived(principal, course_id, archived=archived)
        return self._shown(course_id)

    def _shown(self, course_id: UUID) -> Response:
        found = queries.courses(self.principal(self.request), archived=None)
        return self.shown(CourseSerializer, found.get(pk=course_id))


class StaffView(TutorView):
    @described("tutor_staff", gives=StaffSerializer(many=True))
    def get(self, request: Request, course_id: UUID) -> Response:
        """List who teaches and marks in a course."""
        return self.paged(StaffSerializer, queries.staff_of(course_for(self.principal(request), course_id)))

    @described(
        "tutor_staff_set",
        takes=StaffRequestSerializer,
        gives=StaffReplySerializer,
        example={"email": "teacher@school.example", "role": "teacher"},
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        """Give a teacher or administrator of the organisation a part in a course, or another part than before."""
        part: dict[str, Any] = self.taken(StaffRequestSerializer)
        made = services.set_staff(self.principal(request), course_id, **part)
        return self.shown(StaffReplySerializer, made)


class StaffMemberView(TutorView):
    @described("tutor_staff_remove", status=204)
    def delete(self, request: Request, course_id: UUID, person_id: UUID) -> Response:
        """Take somebody's part in a course away. The last teacher stays."""
        services.remove_staff(self.principal(request), course_id, person_id)
        return Response(status=204)
