"""Forms of assignments and questions. Lists are written one a line, so that they work everywhere."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tutor.authoring.rubrics import level, references_of, yes_or_no
from tutor.authoring.services import QuestionContent, content_of
from tutor.models import Assignment, Question

if TYPE_CHECKING:
    AssignmentModelForm = forms.ModelForm[Assignment]
else:
    AssignmentModelForm = forms.ModelForm

EMPTY_CRITERIA = 3
MOST_OPTIONS = 20
Kind = Question.Kind


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AssignmentForm(AssignmentModelForm):
    class Meta:
        model = Assignment
        fields = (
            "title", "instructions", "opens_at", "due_at", "attempts_allowed", "late_days_allowed",
            "late_percent_per_day", "late_grace_minutes", "anonymous", "second_marking_percent",
        )  # fmt: skip
        widgets = {"opens_at": Moment(), "due_at": Moment(), "instructions": forms.Textarea({"rows": 4})}
        help_texts = {
            "late_days_allowed": _("0: work is taken until the deadline and not after."),
            "second_marking_percent": _("A share drawn by chance that a second marker marks without seeing the first."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        opens, due = cleaned.get("opens_at"), cleaned.get("due_at")
        if opens and due and opens >= due:
            self.add_error("due_at", _("The deadline is before the beginning."))
        for name in ("late_percent_per_day", "second_marking_percent"):
            if (cleaned.get(name) or 0) > 100:
                self.add_error(name, _("More than 100 per cent."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the fields as the services take them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ExtensionForm(forms.Form):
    identifier = forms.CharField(label=_("Student number or e-mail address"), max_length=200)
    due_at = forms.DateTimeField(label=_("New deadline"), widget=Moment())
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        required=False,
        help_text=_("Kept sealed; only the staff of the course see it."),
    )


class QuestionForm(forms.Form):
    """A question of one kind; the fields of other kinds are left out."""

    prompt = forms.CharField(
        label=pgettext_lazy("of an assignment", "Question"), max_length=20_000, widget=forms.Textarea({"rows": 4})
    )
    points = forms.DecimalField(label=_("Points"), min_value=0, max_digits=7, decimal_places=2, initial=1)
    numeric_value = forms.FloatField(label=_("Right value"))
    numeric_unit = forms.CharField(
        label=_("Unit"), max_length=40, required=False, help_text=_("Such as m/s. Empty: a number without a unit.")
    )
    numeric_tolerance_kind = forms.ChoiceField(label=_("Tolerance"), choices=Question.Tolerance.choices)
    numeric_tolerance = forms.FloatField(label=_("How far off still counts"), min_value=0, initial=0.0, required=False)
    options = forms.CharField(
        label=_("Options"),
        widget=forms.Textarea({"rows": 5}),
        help_text=_("One a line. Begin a right one with a star: * Oxygen"),
    )
    references = forms.CharField(
        label=_("Reference answers"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line: what a full answer says. Different right answers are different lines."),
    )
    skills = forms.MultipleChoiceField(
        label=_("Skills"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the question asks for; a learner's progress is told by these."),
    )
    more_skills = forms.CharField(
        label=_("More skills"),
        required=False,
        max_length=600,
        help_text=_("New ones for this course, separated by semicolons."),
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        skills: Sequence[str],
        options: Sequence[Mapping[str, Any]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        # The words that belong to an option stay with it, wherever it stands afterwards.
        self._feedback = {one["text"]: one.get("feedback", "") for one in options}
        if skills:
            field = self.fields["skills"]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
            field.choices = [(name, name) for name in skills]
        else:
            del self.fields["skills"]
            self.fields["more_skills"].label = _("Skills")
        absent = {
            Kind.NUMERIC: {"options", "references"},
            Kind.CHOICE: {"numeric_value", "numeric_unit", "numeric_tolerance_kind", "numeric_tolerance", "references"},
        }.get(Kind(kind), {"numeric_value", "numeric_unit", "numeric_tolerance_kind", "numeric_tolerance", "options"})
        for name in absent:
            del self.fields[name]

    def clean_options(self) -> list[dict[str, Any]]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines() if line.strip()]
        if len(lines) < 2 or len(lines) > MOST_OPTIONS:
            raise ValidationError(_("Give between 2 and 20 options, one a line."))
        if not any(line.startswith("*") for line in lines):
            raise ValidationError(_("Mark at least one right option with a star."))
        texts = [line.lstrip("* ").strip() for line in lines]
        return [
            {
                "id": letter,
                "text": text,
                "correct": line.startswith("*"),
                "feedback": self._feedback.get(text, ""),
            }
            for letter, line, text in zip(string.ascii_lowercase, lines, texts, strict=False)
        ]

    def content(self, criteria: Sequence[dict[str, Any]]) -> QuestionContent:
        """Return the question as the services take it."""
        cleaned = self.cleaned_data
        names = ("prompt", "points", "numeric_value", "numeric_unit", "numeric_tolerance_kind", "options")
        values = {"kind": self.kind} | {name: cleaned[name] for name in names if name in cleaned}
        if self.kind == Kind.NUMERIC:
            values["numeric_tolerance"] = cleaned["numeric_tolerance"] or 0.0
        references = references_of(self.kind, cleaned, _lines(cleaned.get("references", "")))
        skills = [*cleaned.get("skills", ()), *_split(cleaned.get("more_skills", ""))]
        return QuestionContent(values, skills, references, criteria)


class CriterionForm(forms.Form):
    """One criterion. Without levels it is met or not."""

    id = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Criterion"), required=False, max_length=400)
    weight = forms.FloatField(label=_("Weight"), min_value=0, initial=1.0, required=False)
    levels = forms.CharField(
        label=_("Levels"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One a line, as “points = label”. Empty: yes or no."),
    )

    def clean_levels(self) -> list[tuple[str, float]]:
        levels = []
        for line in _lines(self.cleaned_data["levels"]):
            number, equals, label = line.partition("=")
            try:
                points = Decimal(number.strip().replace(",", "."))
            except InvalidOperation:
                points = Decimal(-1)
            if not equals or not label.strip() or not 0 <= points <= 1_000:
                raise ValidationError(_("Write each level as “points = label”, such as “1 = Names the cause”."))
            levels.append((label.strip()[:200], float(points)))
        if len(levels) == 1:
            raise ValidationError(_("A criterion has two levels at least, or none for yes or no."))
        return levels


CriterionFormSet = forms.formset_factory(CriterionForm, extra=EMPTY_CRITERIA, max_num=30)


def criteria_of(forms_: Sequence[CriterionForm], known: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return the criteria that were filled in. Descriptions and examples of levels that stay are kept."""
    earlier = {one["id"]: one for one in known}
    taken = set(earlier)
    criteria = []
    for form in forms_:
        cleaned = form.cleaned_data
        if not cleaned.get("text", "").strip():
            continue
        key = cleaned.get("id", "")
        if key not in earlier:
            key = next(f"c{number}" for number in range(1, 1_000) if f"c{number}" not in taken)
            taken.add(key)
        criteria.append(
            {
                "id": key,
                "text": cleaned["text"].strip(),
                "weight": cleaned["weight"] if cleaned.get("weight") is not None else 1.0,
                "levels": _levels(cleaned["levels"], earlier.get(key, {}).get("levels", ())),
            }
        )
    return criteria


def initial_of(question: Question) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the question's form and its criteria's forms show at first."""
    content = content_of(question)
    initial = dict(content.values)
    initial["options"] = "\n".join(("* " if one.get("correct") else "") + one["text"] for one in question.options)
    initial["references"] = "\n".join(content.references)
    initial["skills"] = list(content.skills)
    criteria = [
        {"id": one["id"], "text": one["text"], "weight": one.get("weight", 1), "levels": _written(one["levels"])}
        for one in content.criteria
    ]
    return initial, criteria


def _levels(given: Sequence[tuple[str, float]], earlier: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not given:
        known = {one["id"]: one for one in earlier}
        return [_level(one["id"], one["label"], one["points"], known.get(one["id"], {})) for one in yes_or_no()]
    by_label = {one["label"]: one for one in earlier}
    return [
        _level(by_label.get(label, {}).get("id", f"l{number}"), label, points, by_label.get(label, {}))
        for number, (label, points) in enumerate(given, start=1)
    ]


def _level(key: str, label: str, points: float, earlier: Mapping[str, Any]) -> dict[str, Any]:
    return level(key, label, points, description=earlier.get("description", ""), examples=earlier.get("examples", ()))


def _written(levels: Sequence[Mapping[str, Any]]) -> str:
    if {one["id"] for one in levels} == {"no", "yes"}:
        return ""
    return "\n".join(f"{one['points']:g} = {one['label']}" for one in levels)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
