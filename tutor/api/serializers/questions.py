"""Questions with their rubric."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from tutor.authoring.forms import MOST_OPTIONS
from tutor.authoring.rubrics import level, references_of, yes_or_no
from tutor.authoring.services import QuestionContent, content_of
from tutor.models import Question, RubricVersion

LONGEST = 20_000
Kind = Question.Kind


class OptionSerializer(serializers.Serializer[Any]):
    """One answer to choose; several may be right."""

    id = serializers.CharField(max_length=40)
    text = serializers.CharField(max_length=2_000)
    correct = serializers.BooleanField(default=False)
    feedback = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class RubricLevelSerializer(serializers.Serializer[Any]):
    """One step of a criterion."""

    id = serializers.CharField(max_length=64)
    points = serializers.FloatField(min_value=0, max_value=1_000)
    description = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, default="")
    examples = serializers.ListField(child=serializers.CharField(max_length=LONGEST), required=False, default=list)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `label`, a name that serializers use for something of their own."""
        return {**super().get_fields(), "label": serializers.CharField(max_length=200)}


class RubricCriterionSerializer(serializers.Serializer[Any]):
    """One thing that is asked for; without `levels` it is met or not. Points are shares of the question's points."""

    id = serializers.CharField(max_length=64)
    text = serializers.CharField(max_length=400)
    weight = serializers.FloatField(min_value=0, default=1.0)
    levels = RubricLevelSerializer(many=True, required=False)


class RubricSerializer(serializers.ModelSerializer[RubricVersion]):
    """A version of a rubric; the same content is the same version, known by its digest."""

    criteria = RubricCriterionSerializer(many=True)

    class Meta:
        model = RubricVersion
        fields = ("id", "number", "digest", "references", "criteria", "created_at")


class SkillNames(serializers.ListField):
    """Names of skills of the course; a new name is a new skill."""

    child = serializers.CharField(max_length=120)

    def to_representation(self, data: Any) -> list[str]:
        """Return the names of a question's skills."""
        return [one.name for one in data.all()]


class QuestionSerializer(serializers.ModelSerializer[Question]):
    """One question of an assignment, with the rubric that holds now."""

    skills = SkillNames(required=False)
    options = OptionSerializer(many=True, required=False)
    references = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST),
        required=False,
        help_text="What a full answer says, one text each. Numbers and choices have theirs by themselves.",
    )
    criteria = RubricCriterionSerializer(many=True, required=False)
    rubric = serializers.IntegerField(
        source="rubric.number", read_only=True, allow_null=True, default=None, help_text="The number of its version."
    )

    class Meta:
        model = Question
        fields = (
            "id", "assignment", "position", "kind", "prompt", "points", "numeric_value", "numeric_unit",
            "numeric_tolerance", "numeric_tolerance_kind", "options", "skills", "references", "criteria", "rubric",
        )  # fmt: skip
        read_only_fields = ("assignment", "position")

    def to_representation(self, instance: Question) -> dict[str, Any]:
        """Show the rubric's content beside the question's own fields."""
        content = content_of(instance)
        instance.references, instance.criteria = content.references, content.criteria  # type: ignore[attr-defined]
        return super().to_representation(instance)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what the question's kind cannot be marked by."""
        kind = attrs.get("kind", getattr(self.instance, "kind", Kind.SHORT))
        options = attrs.get("options", getattr(self.instance, "options", []))
        if kind == Kind.NUMERIC and attrs.get("numeric_value", getattr(self.instance, "numeric_value", None)) is None:
            raise serializers.ValidationError({"numeric_value": _("Give the right value.")}, code="required")
        if kind == Kind.CHOICE and not (
            2 <= len(options) <= MOST_OPTIONS
            and any(one.get("correct") for one in options)
            and len({one["id"] for one in options}) == len(options)
        ):
            raise serializers.ValidationError(
                {"options": _("Give between 2 and 20 options with different ids, at least one of them right.")},
                code="options",
            )
        for criterion in attrs.get("criteria", ()):
            if len(criterion.get("levels", ())) == 1:
                raise serializers.ValidationError(
                    {"criteria": _("A criterion has two levels at least, or none for yes or no.")}, code="levels"
                )
        return attrs


def content_from(given: dict[str, Any], held: Question | None = None) -> QuestionContent:
    """Return the question as the services take it; what is left out stays as it is held."""
    values = dict(given)
    before = content_of(held) if held is not None else QuestionContent({})
    skills = values.pop("skills", before.skills)
    references = values.pop("references", before.references)
    criteria = [_criterion(one) for one in values.pop("criteria", ())] if "criteria" in values else before.criteria
    whole = {"kind": Kind.SHORT, "numeric_unit": "", **before.values, **values}
    return QuestionContent(values, skills, references_of(whole["kind"], whole, references), criteria)


def _criterion(given: dict[str, Any]) -> dict[str, Any]:
    levels = [
        level(one["id"], one["label"], one["points"], description=one["description"], examples=one["examples"])
        for one in given.get("levels", ())
    ]
    return {"id": given["id"], "text": given["text"], "weight": given["weight"], "levels": levels or yes_or_no()}
