"""Who is in a course. Names are shown to keys that act as teachers, and every page of them is recorded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.learners import ClassListSerializer, EnrolledSerializer, LearnerSerializer, PlaceSerializer
from tutor.courses import enrolling, queries
from tutor.models import Enrolment


class LearnerFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """By section."""

    section = django_filters.CharFilter()


class LearnersView(TutorView):
    queryset = Enrolment.objects.none()
    filterset_class = LearnerFilter

    @described("tutor_learners", gives=LearnerSerializer(many=True))
    def get(self, request: Request, course_id: UUID) -> Response:
        """List the learners of a course with their names, in the order of enrolling. The read is recorded."""
        answer = self.paged(LearnerSerializer, self.filter_queryset(self.get_queryset()))
        queries.record_roster_read(self.principal(request), course_id, count=len(answer.data["results"]))
        return answer

    @described(
        "tutor_learners_add",
        takes=ClassListSerializer,
        gives=EnrolledSerializer,
        example={
            "learners": [
                {"name": "Ada Lovelace", "number": "1815", "section": "9b"},
                {"name": "Zhang Heng", "email": "zhang@school.example", "groups": ["extra time"]},
            ]
        },
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        """Add learners to a course.

        A learner whom the organisation knows by number or address is the same learner; one who was taken out comes
        back with all their work. Adding those who are in the course already changes nothing.
        """
        entries = [_entry(one) for one in self.taken(ClassListSerializer)["learners"]]
        return self.shown(EnrolledSerializer, enrolling.enrol(self.principal(request), course_id, entries))

    def get_queryset(self) -> QuerySet[Enrolment]:
        return queries.enrolments(self.principal(self.request), self.kwargs["course_id"])


class LearnerView(TutorView):
    @described(
        "tutor_learner_change",
        takes=PlaceSerializer,
        status=204,
        example={"section": "9c", "groups": []},
    )
    def patch(self, request: Request, course_id: UUID, learner_id: UUID) -> Response:
        """Change a learner's section and groups in a course."""
        place = self.taken(PlaceSerializer)
        held = queries.enrolments(self.principal(request), course_id).get(learner_id=learner_id)
        enrolling.change_enrolment(
            self.principal(request),
            course_id,
            learner_id,
            section=place.get("section", held.section),
            groups=place.get("groups", held.groups),
        )
        return Response(status=204)

    @described("tutor_learner_withdraw", status=204)
    def delete(self, request: Request, course_id: UUID, learner_id: UUID) -> Response:
        """Take a learner out of a course. Their work stays; adding them again brings them back."""
        enrolling.withdraw(self.principal(request), course_id, learner_id)
        return Response(status=204)


def _entry(given: dict[str, Any]) -> enrolling.Entry:
    groups = given.get("groups")
    return enrolling.Entry(
        name=given["name"],
        email=given["email"],
        number=given["number"],
        section=given.get("section"),
        groups=tuple(groups) if groups is not None else None,
    )
