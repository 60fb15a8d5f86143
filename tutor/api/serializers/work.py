"""What was handed in, under pseudonyms, and what is imported."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tutor.models import Answer, Submission
from tutor.work.writing import LONGEST_TEXT

MOST_AT_ONCE = 200


class WrittenSerializer(serializers.Serializer[Any]):
    """An answer to one question: words, or for a multiple choice the ids of the chosen options."""

    question = serializers.UUIDField()
    text = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False, allow_blank=True, default="")
    choices = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)


class ElsewhereSerializer(serializers.Serializer[Any]):
    """What one learner handed in elsewhere: the learner's id, or their number or address."""

    learner = serializers.UUIDField(required=False)
    identifier = serializers.CharField(max_length=200, required=False)
    submitted_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    answers = WrittenSerializer(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two ways to name a learner."""
        if ("learner" in attrs) == ("identifier" in attrs):
            raise serializers.ValidationError("Give either learner or identifier.", code="unknown_learner")
        return attrs


class ImportSerializer(serializers.Serializer[Any]):
    """Work of several learners; all of it is taken, or nothing."""

    submissions = serializers.ListField(child=ElsewhereSerializer(), allow_empty=False, max_length=MOST_AT_ONCE)


class AnswerDigestSerializer(serializers.Serializer[Any]):
    """An answer's id, and the SHA-256 digest of its content."""

    id = serializers.UUIDField()
    question = serializers.UUIDField(source="question_id")
    digest = serializers.CharField()


class ImportedSerializer(serializers.Serializer[Any]):
    """A frozen attempt with the digests that prove it; not `is_new`: the same work had been imported before."""

    submission = serializers.UUIDField(source="submission.pk")
    learner = serializers.UUIDField(source="submission.learner_id")
    attempt = serializers.IntegerField(source="submission.attempt")
    submitted_at = serializers.DateTimeField(source="submission.submitted_at")
    digest = serializers.CharField(source="submission.digest")
    is_new = serializers.BooleanField()
    answers = AnswerDigestSerializer(many=True)


class ImportReplySerializer(serializers.Serializer[Any]):
    """What was imported, in the order in which it was sent."""

    submissions = ImportedSerializer(many=True)


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    """An attempt that counts, under its pseudonym. `digest` proves what was handed in."""

    class Meta:
        model = Submission
        fields = (
            "id", "assignment", "pseudonym", "attempt", "submitted_at", "handed_in_by", "late_seconds", "digest",
        )  # fmt: skip


class AnswerSerializer(serializers.ModelSerializer[Answer]):
    """An answer that counts, under the pseudonym of its attempt."""

    pseudonym = serializers.CharField(source="submission.pseudonym")

    class Meta:
        model = Answer
        fields = ("id", "question", "submission", "pseudonym", "text", "choices", "digest", "saved_at")
