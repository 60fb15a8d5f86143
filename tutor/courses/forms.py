"""Forms of courses and of who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.retrieval.models import Collection
from tutor.courses.enrolling import Entry
from tutor.interchange.rosters import LONGEST
from tutor.models import Course, CourseStaff, Term

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    CourseModelForm = forms.ModelForm[Course]
else:
    CourseModelForm = forms.ModelForm


class CourseForm(CourseModelForm):
    class Meta:
        model = Course
        fields = (
            "name", "code", "term", "language", "collection", "feedback_tone", "feedback_length", "regrade_days",
            "guardians_may_read",
        )  # fmt: skip
        help_texts = {
            "code": _("Such as PHY9; shown beside the name."),
            "language": _("As a tag such as en, de or zh. Answers in another language are left to a person."),
            "collection": _("The collection that holds the course's teaching material."),
            "feedback_tone": _("Of drafts that the machine writes; you change and release them."),
            "regrade_days": _("Counted from the release of a result. 0: nobody can ask."),
            "guardians_may_read": _("Only guardians that are linked with a learner, and only what is released."),
        }

    def __init__(self, *args: Any, collections: QuerySet[Collection], terms: QuerySet[Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose_from("collection", collections, _("None"))
        self._choose_from("term", terms, _("No term"))

    def _choose_from(self, name: str, found: QuerySet[Any], none: StrOrPromise) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset, field.empty_label = found, str(none)

    def values(self) -> dict[str, Any]:
        """Return the fields as the services take them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TermForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as 2026/27, first half."))
    starts_on = forms.DateField(label=_("First day"), widget=Day())
    ends_on = forms.DateField(label=_("Last day"), widget=Day())


class LearnerForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=LONGEST["name"])
    email = forms.EmailField(label=_("E-mail address"), required=False)
    number = forms.CharField(label=_("Student number"), max_length=LONGEST["number"], required=False)
    section = forms.CharField(label=_("Section"), max_length=LONGEST["section"], required=False)
    groups = forms.CharField(
        label=_("Groups"),
        max_length=400,
        required=False,
        help_text=_("Your own words for comparing fairness, such as extra time; separated by semicolons."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("email") and not cleaned.get("number"):
            self.add_error("number", _("Give a number or an e-mail address, so that the learner can be told apart."))
        return cleaned

    def entry(self) -> Entry:
        return Entry(
            name=self.cleaned_data["name"],
            email=self.cleaned_data["email"],
            number=self.cleaned_data["number"],
            section=self.cleaned_data["section"],
            groups=split_groups(self.cleaned_data["groups"]),
        )


class StaffForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=CourseStaff.Role.choices)


class RosterForm(forms.Form):
    """A list to read; nothing is written before it was shown."""

    file = forms.FileField(
        label=_("Class list as CSV"),
        help_text=_("With columns such as name, number, email, section, groups. Lists of Canvas and Moodle work too."),
    )


class JoinForm(forms.Form):
    code = forms.CharField(
        label=_("Class code"),
        max_length=20,
        help_text=_("Your teacher has it."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


def split_groups(text: str) -> tuple[str, ...]:
    """Return what stands between semicolons, each once."""
    parts = (" ".join(part.split())[: LONGEST["group"]] for part in text.split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))
