"""What the platform's API takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

MOST_HITS = 100
LONGEST_QUERY = 8_000


class CollectionsField(serializers.ListField):
    """Names or ids of collections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            child=serializers.CharField(max_length=200),
            required=False,
            allow_null=True,
            allow_empty=False,
            max_length=50,
            help_text="Names or ids of collections; all of them where none is named.",
            **options,
        )


class SearchRequestSerializer(serializers.Serializer[Any]):
    """A question to the organisation's knowledge."""

    query = serializers.CharField(max_length=LONGEST_QUERY, help_text="The question, in words.")
    collections = CollectionsField()
    k = serializers.IntegerField(min_value=1, max_value=MOST_HITS, default=10, help_text="How many passages at most.")


class SearchHitSerializer(serializers.Serializer[Any]):
    """A passage; `score` orders the hits, `dense` and `lexical` explain it."""

    title = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    score = serializers.FloatField()
    heading_path = serializers.ListField(child=serializers.CharField())
    external_id = serializers.CharField()
    document_id = serializers.CharField()
    chunk_id = serializers.CharField()
    collection = serializers.CharField()
    position = serializers.IntegerField(help_text="Which passage of its document, from 0.")
    dense = serializers.FloatField(allow_null=True)
    lexical = serializers.FloatField(allow_null=True)


class SearchResponseSerializer(serializers.Serializer[Any]):
    """The passages that fit best, best first."""

    hits = SearchHitSerializer(many=True)


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField(allow_blank=True)
    param = serializers.CharField(required=False, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add `errors`, a name that serializers use for something of their own."""
        return {**super().get_fields(), "errors": FieldErrorSerializer(many=True, required=False)}
