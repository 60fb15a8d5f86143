"""What the support assistant's API takes and gives."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from llmasos.answering.evidence import Decision
from llmasos.answering.services import LONGEST_MESSAGE, MOST_MESSAGES
from llmasos.api.serializers import CollectionsField
from support_bot.asking import ROLES
from support_bot.services import TEXT_LIMIT


class TurnSerializer(serializers.Serializer[Any]):
    """Something that was said before."""

    role = serializers.ChoiceField(choices=ROLES)
    content = serializers.CharField(max_length=LONGEST_MESSAGE)


class AskRequestSerializer(serializers.Serializer[Any]):
    """A question to the assistant, with what was said before it."""

    question = serializers.CharField(max_length=TEXT_LIMIT, help_text="The question, in words.")
    earlier = serializers.ListField(
        child=TurnSerializer(),
        required=False,
        max_length=MOST_MESSAGES - 1,
        help_text="The conversation so far, oldest first.",
    )
    collections = CollectionsField()
    language = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        required=False,
        default="",
        max_length=16,
        help_text="The language of set phrases where the question itself shows none, such as en or zh-Hans.",
    )


class AnswerSentenceSerializer(serializers.Serializer[Any]):
    """A sentence of the answer: quoted word for word, or written by the model and found in the passages it cites."""

    text = serializers.CharField()
    citations = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of the cited passages.")
    quoted = serializers.BooleanField()


class CitationSerializer(serializers.Serializer[Any]):
    """A passage that the answer cites as [n]."""

    n = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    heading = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    document_id = serializers.CharField()
    chunk_id = serializers.CharField()


class AskResponseSerializer(serializers.Serializer[Any]):
    """The answer. Without support in the knowledge `decision` is "abstain", and `text` says so."""

    run = serializers.UUIDField(help_text="The run that answered, as the log names it.")
    decision = serializers.ChoiceField(choices=[one.value for one in Decision])
    text = serializers.CharField(help_text="The whole answer, with marks such as [1] for the passages it cites.")
    language = serializers.CharField()
    score = serializers.FloatField(help_text="How well the passages found fit the question, from 0 to 1.")
    sentences = AnswerSentenceSerializer(many=True)
    citations = CitationSerializer(many=True)
    cut_short = serializers.CharField(
        allow_blank=True, help_text="Why the model's own words are missing or incomplete; empty where they are not."
    )
    model = serializers.CharField(allow_blank=True, help_text="The model that wrote; empty where nothing was written.")
