"""What marks and answers say: agreement, the dial, and how learners stand. Figures carry their interval."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tutor.api.serializers.marking import GroupingSerializer


class ShareSerializer(serializers.Serializer[Any]):
    """A share from 0 to 1 with its 90 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class StepSerializer(serializers.Serializer[Any]):
    """One place of the dial: from `border` on `confirm` answers are confirmed unseen, `reviewed` is the share left."""

    border = serializers.FloatField()
    confirm = serializers.IntegerField()
    reviewed = serializers.FloatField()
    promised = serializers.FloatField(help_text="Share that ends with its marker's mark, at least.")
    agreement = ShareSerializer(allow_null=True)


class DialSerializer(serializers.Serializer[Any]):
    """How much of a question is reviewed; no `steps` while there are fewer than `needed` marks to go by."""

    marks = serializers.IntegerField()
    needed = serializers.IntegerField()
    unmarked = serializers.IntegerField()
    border = serializers.FloatField(help_text="The confidence in force, from which on a proposal may be confirmed.")
    confirm = serializers.IntegerField()
    agreement = ShareSerializer(allow_null=True)
    steps = StepSerializer(many=True)


class EstimateSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval over `n` observations; null where it cannot be told."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class AgreementSerializer(serializers.Serializer[Any]):
    """How far two series of points agree: never called accuracy. `kappa` is quadratic weighted kappa."""

    exact = EstimateSerializer()
    adjacent = EstimateSerializer()
    kappa = EstimateSerializer()
    difference = EstimateSerializer(help_text="Standardised mean difference; positive where proposals are higher.")


class ComparedSerializer(serializers.Serializer[Any]):
    """Proposals against one kind of marks; no figures while `hidden`, under ten pairs."""

    pairs = serializers.IntegerField()
    unproposed = serializers.IntegerField(help_text="Marks beside which nothing was proposed.")
    hidden = serializers.BooleanField()
    agreement = AgreementSerializer(allow_null=True)
    calibration_error = serializers.FloatField(allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Leave the figures out where they are hidden."""
        return {
            "pairs": len(instance.pairs.pairs),
            "unproposed": instance.pairs.unproposed,
            "hidden": instance.hidden,
            "agreement": None if instance.hidden else AgreementSerializer(instance.agreement).data,
            "calibration_error": None if instance.hidden else instance.calibration_error,
        }


class QualitySerializer(serializers.Serializer[Any]):
    """How proposals and marks of a question agree: with marks given without sight of them, and with the others."""

    answers = serializers.IntegerField(source="gathered.answers")
    marked = serializers.IntegerField(source="gathered.marked")
    independent = ComparedSerializer()
    seen = ComparedSerializer()
    people = AgreementSerializer(allow_null=True, help_text="First against second marks; null under ten of them.")


class SkillSerializer(serializers.Serializer[Any]):
    """How a learner stands with a skill; band and estimate in per cent."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=["few", "likely", "unsure", "unlikely"])
    responses = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    at = serializers.IntegerField()
    due_at = serializers.DateTimeField(help_text="When to review it.")


class AdviceSerializer(serializers.Serializer[Any]):
    """A piece of advice with its grounds."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    skill = serializers.CharField()
    assignment = serializers.CharField(allow_blank=True)
    criterion = serializers.CharField(allow_blank=True)
    vetoed_at = serializers.DateTimeField(allow_null=True)


class LearningSerializer(serializers.Serializer[Any]):
    """One learner in one course. `unseen` are skills without any answer; `vetoed` advice is not shown to them."""

    skills = SkillSerializer(many=True)
    unseen = serializers.ListField(child=serializers.CharField())
    advice = AdviceSerializer(many=True)
    vetoed = AdviceSerializer(many=True)
    computed_at = serializers.DateTimeField(allow_null=True)


class PairSideSerializer(serializers.Serializer[Any]):
    """One answer of a pair, under its pseudonym."""

    answer = serializers.UUIDField(source="pk")
    pseudonym = serializers.CharField(source="submission.pseudonym")


class PairSerializer(serializers.Serializer[Any]):
    """Two answers with passages in common: `words` of them, `share` of the shorter one."""

    id = serializers.UUIDField()
    first = PairSideSerializer()
    second = PairSideSerializer()
    words = serializers.IntegerField()
    share = serializers.FloatField()


class MarkingJobSerializer(GroupingSerializer):
    """Long work on a question: a search for similar answers, or a check of what tricks would gain."""


class PieceSerializer(serializers.Serializer[Any]):
    """A piece of a text, and whether the other has it too."""

    text = serializers.CharField()
    shared = serializers.BooleanField()

    def to_representation(self, instance: tuple[str, bool]) -> dict[str, Any]:
        """Name the parts."""
        return {"text": instance[0], "shared": instance[1]}


class PairTextSerializer(serializers.Serializer[Any]):
    """One answer of a pair; its pieces are its text."""

    answer = serializers.UUIDField(source="answer_id")
    pseudonym = serializers.CharField()
    pieces = PieceSerializer(many=True)


class PairTextsSerializer(serializers.Serializer[Any]):
    """Both texts of a pair."""

    id = serializers.UUIDField(source="pair.pk")
    question = serializers.UUIDField(source="question.pk")
    sides = PairTextSerializer(many=True)


class TrickSerializer(serializers.Serializer[Any]):
    """One trick: its mean gain as a share of the scale, and how many answers would get more or no proposal."""

    name = serializers.CharField()
    gain = EstimateSerializer()
    raised = serializers.IntegerField()
    held = serializers.IntegerField()
    matters = serializers.BooleanField(help_text="Beyond what is worth acting on.")


class RobustnessSerializer(serializers.Serializer[Any]):
    """A check of one version of the rubric; `outdated`: that has changed since."""

    id = serializers.UUIDField(source="check.pk")
    rubric_number = serializers.IntegerField(source="check.rubric.number")
    answers = serializers.IntegerField(source="check.answers")
    created_at = serializers.DateTimeField(source="check.created_at")
    outdated = serializers.BooleanField()
    tricks = TrickSerializer(many=True)
