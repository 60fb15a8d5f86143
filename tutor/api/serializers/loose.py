"""Loose answers, and the marks that are proposed for them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

MOST_ANSWERS = 1_000
MOST_GRADED = 2_000
LONGEST_TEXT = 20_000
LONGEST_NAME = 120


def _text(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False, **options)


def _name(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST_NAME, **options)


class LevelSerializer(serializers.Serializer[Any]):
    id = _name()
    points = serializers.FloatField(min_value=0)
    description = _text(required=False, default="", allow_blank=True)
    examples = serializers.ListField(child=_text(), required=False, default=list, max_length=50)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `label`, a name that serializers use for something of their own."""
        return {**super().get_fields(), "label": serializers.CharField(max_length=200, required=False, default="")}


class CriterionSerializer(serializers.Serializer[Any]):
    """One thing that the rubric asks for; without `levels` it is met or not."""

    id = _name()
    text = _text()
    weight = serializers.FloatField(min_value=0, default=1.0)
    levels = LevelSerializer(many=True, required=False)


class LooseAnswerSerializer(serializers.Serializer[Any]):
    id = _name()
    text = _text(allow_blank=True)


class GradedAnswerSerializer(LooseAnswerSerializer):
    """An answer that a person has marked: `score` is its share of the full mark, from 0 to 1."""

    score = serializers.FloatField(min_value=0, max_value=1)
    levels = serializers.DictField(child=_name(), required=False, default=dict)


class ProposeRequestSerializer(serializers.Serializer[Any]):
    """A question with what a right answer says, answers to mark, and answers that a person has marked."""

    question = _text()
    kind = serializers.ChoiceField(choices=["short", "essay"], default="short")
    references = serializers.ListField(child=_text(), required=False, default=list, max_length=20)
    criteria = CriterionSerializer(many=True, required=False, default=list)
    max_points = serializers.FloatField(min_value=0, default=1.0)
    language = serializers.CharField(max_length=16, required=False, default="", allow_blank=True)
    answers = LooseAnswerSerializer(many=True, allow_empty=False)
    graded = GradedAnswerSerializer(many=True, required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs["answers"]) > MOST_ANSWERS or len(attrs["graded"]) > MOST_GRADED:
            raise serializers.ValidationError(
                f"At most {MOST_ANSWERS} answers and {MOST_GRADED} graded ones in one call.", code="too_many"
            )
        ids = [one["id"] for one in attrs["answers"]]
        if len(set(ids)) < len(ids):
            raise serializers.ValidationError({"answers": "Each answer needs an id of its own."}, code="repeated_id")
        if not attrs["references"] and not attrs["criteria"] and not attrs["graded"]:
            raise serializers.ValidationError(
                "Give at least one reference answer, criterion or graded answer.", code="nothing_to_mark_by"
            )
        return attrs


class NeighbourSerializer(serializers.Serializer[Any]):
    """A graded answer that says nearly the same."""

    answer_id = serializers.CharField()
    score = serializers.FloatField()
    similarity = serializers.FloatField()


class CriterionProposalSerializer(serializers.Serializer[Any]):
    """What is proposed for one criterion; `evidence` is a span of the answer's characters, or null."""

    criterion_id = serializers.CharField(allow_blank=True)
    level_id = serializers.CharField(allow_blank=True)
    points = serializers.FloatField()
    confidence = serializers.FloatField()
    evidence = serializers.ListField(child=serializers.IntegerField(), allow_null=True, min_length=2, max_length=2)
    missing = serializers.ListField(child=serializers.CharField())
    neighbours = NeighbourSerializer(many=True)


class ProposalSerializer(serializers.Serializer[Any]):
    """A proposed mark, or none with its reason. `confidence` is the calibrated chance that a marker agrees."""

    answer_id = serializers.CharField()
    decision = serializers.ChoiceField(choices=["proposed", "none"])
    reason = serializers.CharField(allow_blank=True)
    score = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField()
    situation = serializers.CharField()
    criteria = CriterionProposalSerializer(many=True)


class ProposeResponseSerializer(serializers.Serializer[Any]):
    """One proposal for each answer, in the order of the answers. A person decides."""

    proposals = ProposalSerializer(many=True)
    model_digest = serializers.CharField(allow_blank=True)
