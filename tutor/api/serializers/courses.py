"""Courses and their staff."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from llmasos.retrieval.models import Collection
from llmasos.retrieval.queries import collections
from tutor.models import Course, CourseStaff, Term


@extend_schema_field(OpenApiTypes.UUID)
class OwnTerm(serializers.PrimaryKeyRelatedField[Term]):
    """A term of the caller's organisation, by its id."""

    def get_queryset(self) -> QuerySet[Term]:
        return Term.objects.for_organisation(self.context["request"].auth.organisation_id)


@extend_schema_field(OpenApiTypes.UUID)
class OwnCollection(serializers.PrimaryKeyRelatedField[Collection]):
    """A collection of the caller's organisation, by its id."""

    def get_queryset(self) -> QuerySet[Collection]:
        return collections(self.context["request"].auth)


class CourseSerializer(serializers.ModelSerializer[Course]):
    """A class of learners with its work, its material and its staff."""

    term = OwnTerm(allow_null=True, required=False)
    collection = OwnCollection(
        allow_null=True, required=False, help_text="The collection that holds the course's teaching material."
    )
    archived = serializers.BooleanField(
        required=False, help_text="Whether it was taken out of the lists. Nothing in it is lost."
    )
    learners = serializers.IntegerField(read_only=True, help_text="How many take it.")
    assignments = serializers.IntegerField(source="works", read_only=True, help_text="How many were set.")

    class Meta:
        model = Course
        fields = (
            "id", "name", "code", "external_id", "language", "term", "collection", "guardians_may_read", "regrade_days",
            "feedback_tone", "feedback_length", "archived", "learners", "assignments", "created_at",
        )  # fmt: skip

    def validate_external_id(self, value: str) -> str:
        """Refuse an id that another course of the organisation has."""
        courses = Course.objects.for_organisation(self.context["request"].auth.organisation_id)
        if isinstance(self.instance, Course):
            courses = courses.exclude(pk=self.instance.pk)
        if value and courses.filter(external_id=value).exists():
            raise serializers.ValidationError(_("Another course has this id."), code="unique")
        return value


class TermSerializer(serializers.ModelSerializer[Term]):
    """A period in which courses are taught."""

    class Meta:
        model = Term
        fields = ("id", "name", "starts_on", "ends_on")


class StaffSerializer(serializers.ModelSerializer[CourseStaff]):
    """One person's part in a course."""

    person = serializers.UUIDField(source="person_id", read_only=True)
    name = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = CourseStaff
        fields = ("person", "name", "role")


class StaffRequestSerializer(serializers.Serializer[Any]):
    """Somebody who teaches in the organisation, by their address, and the part that they get."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=CourseStaff.Role.choices)


class StaffReplySerializer(serializers.ModelSerializer[CourseStaff]):
    """Whose part was set."""

    person = serializers.UUIDField(source="person_id")

    class Meta:
        model = CourseStaff
        fields = ("person", "role")
