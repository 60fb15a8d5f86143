"""The form of an exercise: a question's, without what only marks need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutor.authoring.forms import QuestionForm
from tutor.models import Exercise, Skill


class ExerciseForm(QuestionForm):
    skill = forms.ChoiceField(label=_("Skill"))
    field_order = ("skill", "prompt")

    def __init__(self, *args: Any, kind: str, skills: Sequence[Skill], **kwargs: Any) -> None:
        super().__init__(*args, kind=kind, skills=(), **kwargs)
        del self.fields["points"], self.fields["more_skills"]
        field = self.fields["skill"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [(str(one.pk), one.name) for one in skills]
        if "references" in self.fields:
            self.fields["references"].required = True

    def values(self) -> dict[str, Any]:
        """Return the fields as the services take them."""
        content = self.content(())
        return {**content.values, "skill_id": self.cleaned_data["skill"], "references": list(content.references)}


def initial_of(exercise: Exercise) -> dict[str, Any]:
    """Return what the form of an exercise shows at first."""
    names = ("prompt", "numeric_value", "numeric_unit", "numeric_tolerance", "numeric_tolerance_kind")
    return {name: getattr(exercise, name) for name in names} | {
        "skill": str(exercise.skill_id),
        "options": "\n".join(("* " if one.get("correct") else "") + one["text"] for one in exercise.options),
        "references": "\n".join(exercise.references),
    }
