"""Files from other systems: rosters, class lists, questions and marks. A file travels as the Base64 of its bytes."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tutor.interchange.marks.planning import PlannedMark
from tutor.models import MarksImport, Question, RosterImport

MOST_BYTES: Final = 11 * 1024 * 1024
"""As Base64 it stays under what a request may carry."""


class FileField(serializers.CharField):
    """The bytes of a file."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text="The file, as Base64; 11 MB at most before that.", **kwargs)

    def to_internal_value(self, data: Any) -> bytes:  # type: ignore[override]  # what is taken is no text
        try:
            content = base64.b64decode(super().to_internal_value(data), validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError(_("This is no Base64."), code="invalid") from None
        if len(content) > MOST_BYTES:
            raise serializers.ValidationError(_("The file is larger than 11 MB: split it."), code="max_length")
        return content


class FileSerializer(serializers.Serializer[Any]):
    """A file."""

    file = FileField()


class FaultSerializer(serializers.Serializer[Any]):
    """A fault of a file, by its line; a `note` does not keep its row out."""

    file = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    advice = serializers.CharField()
    note = serializers.BooleanField()


class RosterImportSerializer(serializers.ModelSerializer[RosterImport]):
    """An upload of roster files, or of a course's class list: checked first, and applied when that is asked for.

    `counts` say what would be done or was, by name; `problem_count` counts more `problems` than are listed.
    """

    course = serializers.UUIDField(source="course_id", allow_null=True)
    finished = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()
    problem_count = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField(help_text="Why the files could not be read.")

    class Meta:
        model = RosterImport
        fields = (
            "id", "course", "step", "state", "finished", "done", "total", "counts", "problems", "problem_count",
            "error_code", "failure", "created_at",
        )  # fmt: skip

    def get_finished(self, row: RosterImport) -> bool:
        """Say whether its step is at an end."""
        return row.state in {"done", "failed"}

    def get_counts(self, row: RosterImport) -> dict[str, int]:
        """Return what was counted."""
        counts: dict[str, int] = row.report.get("counts", {})
        return counts

    @extend_schema_field(FaultSerializer(many=True))
    def get_problems(self, row: RosterImport) -> list[dict[str, Any]]:
        """Return the first faults."""
        problems: list[dict[str, Any]] = row.report.get("problems", [])
        return problems

    def get_problem_count(self, row: RosterImport) -> int:
        """Return how many faults there are."""
        return int(row.report.get("problem_count", 0))

    def get_failure(self, row: RosterImport) -> str:
        """Return the words of the failure."""
        return str(row.report.get("failure", ""))


class ReadOptionSerializer(serializers.Serializer[Any]):
    """An option of a question of a file."""

    id = serializers.CharField()
    text = serializers.CharField()
    correct = serializers.BooleanField()


class ReadQuestionSerializer(serializers.Serializer[Any]):
    """A question of a file; `notes` say what of it is left out."""

    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    prompt = serializers.CharField()
    points = serializers.DecimalField(max_digits=7, decimal_places=2)
    options = ReadOptionSerializer(many=True)
    references = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())


class SkippedSerializer(serializers.Serializer[Any]):
    """An item that is not taken over, and why."""

    name = serializers.CharField()
    reason = serializers.CharField()


class QuestionFileSerializer(serializers.Serializer[Any]):
    """The questions of a file in their order, and every item that is left out."""

    questions = ReadQuestionSerializer(many=True)
    skipped = SkippedSerializer(many=True)


class ImportQuestionsSerializer(FileSerializer):
    """A file of questions; without `chosen` all of them are added."""

    chosen = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        required=False,
        help_text="The places of the questions in the file, from 0.",
    )


class MarksFileSerializer(FileSerializer):
    """A file of marks."""

    replace = serializers.BooleanField(default=False, help_text="Whether marks that stand are replaced.")


class ImportMarksSerializer(MarksFileSerializer):
    """A file of marks as it was looked at."""

    digest = serializers.CharField(max_length=64, help_text="Of what was seen; refused if it would do anything else.")


class PlannedMarkSerializer(serializers.Serializer[PlannedMark]):
    """What a row would do: `new` and `replaces` are given; `same` and `kept` change nothing."""

    line = serializers.IntegerField()
    question = serializers.IntegerField(source="number", help_text="Its place in the assignment, from 1.")
    answer = serializers.UUIDField(source="answer.pk")
    points = serializers.DecimalField(max_digits=7, decimal_places=2)
    effect = serializers.ChoiceField(choices=["new", "replaces", "same", "kept"])


class MarksPlanSerializer(serializers.Serializer[Any]):
    """What importing a file of marks would do, to the last row; `empty` counts places without points."""

    digest = serializers.CharField()
    marks = PlannedMarkSerializer(many=True)
    problems = FaultSerializer(many=True)
    empty = serializers.IntegerField()


class MarksImportSerializer(serializers.ModelSerializer[MarksImport]):
    """Marks that came from one file; `program` is the id of the key or service account that brought them in."""

    person = serializers.UUIDField(source="person_id", allow_null=True)

    class Meta:
        model = MarksImport
        fields = ("id", "person", "program", "count", "created_at", "undone_at")


class UndoneSerializer(serializers.Serializer[Any]):
    """How many marks were taken back, and how many stay because somebody has changed them since."""

    withdrawn = serializers.IntegerField()
    kept = serializers.IntegerField()
