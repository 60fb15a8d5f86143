"""Runs with their proposals, groups, and the marks of people."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tutor.marking.services.groups import NAME_LENGTH
from tutor.models import AnswerGroup, Mark, Proposal, ProposalRun


def in_points(**options: Any) -> serializers.DecimalField:
    """Return a field for points: a decimal number as text, so that none is rounded on the way."""
    return serializers.DecimalField(max_digits=9, decimal_places=2, **options)


class RunSerializer(serializers.Serializer[Any]):
    """A pass of the engine over a question's answers. `applied`: its proposals are what markers see."""

    id = serializers.UUIDField()
    reason = serializers.ChoiceField(choices=ProposalRun.Reason.choices)
    state = serializers.ChoiceField(choices=ProposalRun.State.choices)
    total = serializers.IntegerField(help_text="How many answers it looks at; 0 before it has begun.")
    done = serializers.IntegerField()
    error_code = serializers.CharField(allow_blank=True)
    rubric_number = serializers.IntegerField()
    model_digest = serializers.CharField(allow_blank=True)
    marks_seen = serializers.IntegerField(help_text="Marks of people that it learned from.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    applied = serializers.BooleanField()
    waiting = serializers.BooleanField(help_text="Done, newer than what is shown, and not applied.")


class ChangedSerializer(serializers.Serializer[Any]):
    """An answer on which two runs differ; null points: that run proposes nothing."""

    answer = serializers.UUIDField(source="answer_id")
    points_a = in_points(allow_null=True)
    points_b = in_points(allow_null=True)
    marked = serializers.BooleanField(help_text="A person has marked it; that mark stays.")


class DifferenceSerializer(serializers.Serializer[Any]):
    """What applying run B in the place of run A would change."""

    run_a = RunSerializer(allow_null=True)
    run_b = RunSerializer()
    same = serializers.IntegerField()
    raised = serializers.IntegerField()
    lowered = serializers.IntegerField()
    gained = serializers.IntegerField()
    lost = serializers.IntegerField()
    marked_differ = serializers.IntegerField()
    mean_change = in_points(help_text="In points, over answers for which both propose.")
    changes = ChangedSerializer(many=True)


class ProposedCriterionSerializer(serializers.Serializer[Any]):
    """What is proposed for one criterion; `start` and `end` bound the evidence in the answer's text."""

    criterion = serializers.CharField(allow_blank=True)
    level = serializers.CharField(allow_blank=True)
    points = in_points()
    confidence = serializers.FloatField()
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField())


class RunProposalSerializer(serializers.ModelSerializer[Proposal]):
    """A proposed mark for one answer, or none with its reason. A person decides.

    `confidence` is the calibrated chance that a marker agrees, from 0 to 1.
    """

    criteria = ProposedCriterionSerializer(many=True)

    class Meta:
        model = Proposal
        fields = (
            "id", "answer", "answer_digest", "decision", "reason", "situation", "points", "confidence", "criteria",
            "model_digest",
        )  # fmt: skip


class GroupSerializer(serializers.Serializer[Any]):
    """Answers that say the same, with a sample of them."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField()
    unmarked = serializers.IntegerField()
    purity = serializers.FloatField(allow_null=True)
    odd = serializers.IntegerField()
    mixed = serializers.BooleanField()
    points = serializers.DictField(child=serializers.IntegerField(), help_text="How many proposals give which points.")
    confidence = serializers.FloatField()
    made_by_hand = serializers.BooleanField()
    sample = serializers.ListField(child=serializers.CharField(allow_blank=True))


class HeldGroupSerializer(serializers.ModelSerializer[AnswerGroup]):
    """A group that was changed; from now on it stays as people and programs leave it."""

    class Meta:
        model = AnswerGroup
        fields = ("id", "question", "name", "made_by_hand")


class GroupNameSerializer(serializers.Serializer[Any]):
    """A group's name."""

    name = serializers.CharField(max_length=NAME_LENGTH, allow_blank=True)


class SplitSerializer(serializers.Serializer[Any]):
    """Which answers leave their group, and what the new one is called."""

    answers = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=1_000)
    name = serializers.CharField(max_length=NAME_LENGTH, allow_blank=True, default="")


class MergeSerializer(serializers.Serializer[Any]):
    """Which groups are put into another."""

    groups = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=200)


class GroupMemberSerializer(serializers.Serializer[Any]):
    """An answer in a group, under its pseudonym."""

    answer = serializers.UUIDField(source="answer_id")
    pseudonym = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    odd = serializers.BooleanField()
    marked = serializers.BooleanField()
    points = in_points(allow_null=True)


class GroupingSerializer(serializers.Serializer[Any]):
    """The work of putting answers into groups."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ProposalRun.State.choices)
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    error_code = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class MarkSerializer(serializers.ModelSerializer[Mark]):
    """A mark that a person gave. It is never changed: another takes its place, and it is withdrawn."""

    levels = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Mark
        fields = (
            "id", "answer", "answer_digest", "kind", "origin", "marker", "levels", "points", "feedback",
            "feedback_drafted", "override_reason", "created_at", "withdrawn_at",
        )  # fmt: skip


class GiveMarkSerializer(serializers.Serializer[Any]):
    """A mark, with what was on the screen: the answer's digest and the mark that stood there."""

    expected_digest = serializers.CharField(max_length=64)
    expected_mark = serializers.UUIDField(allow_null=True, default=None)
    levels = serializers.DictField(child=serializers.CharField(max_length=64), required=False, allow_null=True)
    points = in_points(required=False, allow_null=True)
    feedback = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    override_reason = serializers.ChoiceField(
        choices=Mark.OverrideReason.choices, required=False, allow_blank=True, default=""
    )


class GivenSerializer(serializers.ModelSerializer[Mark]):
    """The mark that was given."""

    class Meta:
        model = Mark
        fields = ("id", "answer", "kind", "origin", "points", "created_at")
