"""Who is in a course."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from tutor.interchange.rosters import LONGEST
from tutor.models import Enrolment

MOST_AT_ONCE = 2_000


class LearnerSerializer(serializers.ModelSerializer[Enrolment]):
    """A learner in a course."""

    id = serializers.UUIDField(source="learner_id")
    name = serializers.CharField(source="learner.name")
    email = serializers.CharField(source="learner.email")
    number = serializers.CharField(source="learner.number")

    class Meta:
        model = Enrolment
        fields = ("id", "name", "email", "number", "section", "groups", "enrolled_at")


class _Place(serializers.Serializer[Any]):
    section = serializers.CharField(max_length=LONGEST["section"], allow_blank=True, required=False)
    groups = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST["group"]),
        required=False,
        help_text="The school's own words for comparing fairness, such as extra time.",
    )


class EntrySerializer(_Place):
    """A line of a class list, known by its number or its address. Without section or groups, what is there stays."""

    name = serializers.CharField(max_length=LONGEST["name"])
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    number = serializers.CharField(max_length=LONGEST["number"], required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a learner who could not be told apart."""
        if not attrs["email"] and not attrs["number"]:
            raise serializers.ValidationError(_("Give a number or an e-mail address."), code="unknown_learner")
        return attrs


class ClassListSerializer(serializers.Serializer[Any]):
    """A class list, or a part of it. Those who are in the course already stay in it."""

    learners = serializers.ListField(child=EntrySerializer(), allow_empty=False, max_length=MOST_AT_ONCE)


class EnrolledSerializer(serializers.Serializer[Any]):
    """What a class list did. ``learners`` are their ids, in the order of the list."""

    added = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="Had been taken out of the course before.")
    present = serializers.IntegerField(help_text="Were in the course already.")
    learners = serializers.ListField(child=serializers.UUIDField())


class PlaceSerializer(_Place):
    """A learner's section and groups; what is left out stays."""
