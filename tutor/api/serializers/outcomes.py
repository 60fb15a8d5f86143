"""What learners are shown: releases, requests for another look, results."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tutor.api.serializers.marking import in_points
from tutor.models import RegradeRequest


class MissingSerializer(serializers.Serializer[Any]):
    """What a question lacks before the work can be released."""

    question = serializers.UUIDField()
    lacks = serializers.ChoiceField(choices=["mark", "second", "moderation"])


class SubmissionStateSerializer(serializers.Serializer[Any]):
    """How far an attempt is; `changed`: marks have changed since the release."""

    submission = serializers.UUIDField(source="submission_id")
    pseudonym = serializers.CharField()
    points = in_points(allow_null=True)
    max_points = in_points()
    late_seconds = serializers.IntegerField()
    missing = serializers.SerializerMethodField()
    released_at = serializers.DateTimeField(allow_null=True)
    changed = serializers.BooleanField()

    def get_missing(self, row: Any) -> list[dict[str, str]]:
        """Name what each question lacks."""
        return [{"question": str(question), "lacks": what} for question, what in row.missing]


class ReleaseSerializer(serializers.Serializer[Any]):
    """Attempts whose marks their learners should see; `partly` also where not every answer is marked."""

    submissions = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=5_000)
    partly = serializers.BooleanField(default=False)


class ReleasedSerializer(serializers.Serializer[Any]):
    """The batch by which the release is taken back, and for how many attempts it is new."""

    batch = serializers.UUIDField()
    count = serializers.IntegerField()


class WithdrawSerializer(serializers.Serializer[Any]):
    """The batch that is taken back."""

    batch = serializers.UUIDField()


class WithdrawnSerializer(serializers.Serializer[Any]):
    """How many releases were taken back."""

    count = serializers.IntegerField()


class MessageSerializer(serializers.Serializer[Any]):
    """A message of a thread."""

    by_learner = serializers.BooleanField()
    author = serializers.CharField(allow_blank=True, help_text="A marker's name; empty for the learner.")
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class RegradeSerializer(serializers.Serializer[Any]):
    """A learner's request to have a released mark looked at again."""

    id = serializers.UUIDField()
    answer = serializers.UUIDField(source="answer_id")
    question = serializers.UUIDField(source="question_id")
    assignment = serializers.UUIDField(source="assignment_id")
    course = serializers.UUIDField(source="course_id")
    pseudonym = serializers.CharField()
    state = serializers.ChoiceField(choices=RegradeRequest.State.choices)
    points = in_points(source="mark.points", allow_null=True, default=None)
    max_points = in_points()
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class RegradeThreadSerializer(RegradeSerializer):
    """A request with its thread, the oldest message first."""

    messages = MessageSerializer(many=True)


class SayingSerializer(serializers.Serializer[Any]):
    """Words to a learner."""

    text = serializers.CharField(max_length=20_000)


class ReachedSerializer(serializers.Serializer[Any]):
    """One criterion as the learner sees it."""

    text = serializers.CharField()
    points = in_points()
    most = in_points()


class ResultRowSerializer(serializers.Serializer[Any]):
    """One answer as the learner sees it; `points` is null where it has no mark."""

    answer = serializers.UUIDField(source="answer_id")
    question = serializers.UUIDField(source="row.question.pk")
    points = in_points(allow_null=True)
    most = in_points()
    criteria = ReachedSerializer(many=True)
    decided = serializers.CharField(help_text="Who decided, and how, in words.")
    feedback = serializers.CharField(allow_blank=True)
    feedback_origin = serializers.CharField(allow_blank=True)


class ResultsSerializer(serializers.Serializer[Any]):
    """What is released to a learner of one attempt. `points` are before and `left` after what lateness takes."""

    submission = serializers.UUIDField(source="submission.pk")
    assignment = serializers.UUIDField(source="submission.assignment_id")
    attempt = serializers.IntegerField(source="submission.attempt")
    released_at = serializers.DateTimeField(source="release.released_at")
    points = in_points()
    most = in_points()
    left = in_points(source="deduction.left")
    late_days = serializers.IntegerField(source="deduction.days")
    complete = serializers.BooleanField(source="is_complete")
    answers = ResultRowSerializer(source="rows", many=True)
