"""Assignments and the later deadlines of single learners."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from tutor.models import Assignment, Extension


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """Work that is set for a course. Without a deadline it is taken until it is closed."""

    late_percent_per_day = serializers.IntegerField(min_value=0, max_value=100, required=False)
    second_marking_percent = serializers.IntegerField(
        min_value=0, max_value=100, required=False, help_text="Share that is drawn to be marked twice."
    )
    state = serializers.ChoiceField(
        choices=Assignment.State.choices, required=False, help_text="Learners see what is published or closed."
    )

    class Meta:
        model = Assignment
        fields = (
            "id", "course", "title", "instructions", "state", "opens_at", "due_at", "attempts_allowed",
            "late_percent_per_day", "late_days_allowed", "late_grace_minutes", "anonymous", "second_marking_percent",
            "created_at",
        )  # fmt: skip
        read_only_fields = ("course", "created_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a deadline before the beginning."""
        opens = attrs.get("opens_at", getattr(self.instance, "opens_at", None))
        due = attrs.get("due_at", getattr(self.instance, "due_at", None))
        if opens and due and opens >= due:
            raise serializers.ValidationError({"due_at": _("The deadline is before the beginning.")}, code="order")
        return attrs


class ExtensionSerializer(serializers.ModelSerializer[Extension]):
    """A later deadline of one learner; the reason is kept sealed."""

    learner = serializers.UUIDField(source="learner_id", read_only=True)
    reason = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")

    class Meta:
        model = Extension
        fields = ("learner", "due_at", "reason")
