from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from llmasos.privacy.errors import PrivacyError
from llmasos.privacy.models import LONGEST_TEXT, RequestKind
from llmasos.privacy.registry import retention_classes
from llmasos.privacy.services.retention import LONGEST_DAYS
from llmasos.privacy.subjects import parse_subject


def _words(rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **options)


class RequestForm(forms.Form):
    """What the person concerned asks."""

    KINDS = (
        (RequestKind.CORRECTION.value, _("Something about me is wrong: correct it")),
        (RequestKind.ERASURE.value, _("Erase my data")),
        (RequestKind.OBJECTION.value, _("I object to a use of my data")),
    )

    kind = forms.ChoiceField(label=_("What do you ask?"), choices=KINDS, widget=forms.RadioSelect)
    details = _words(
        label=_("In your words"),
        required=False,
        help_text=_("What is wrong, and what is right; or which use you mean. It is kept encrypted."),
    )


class SubjectField(forms.CharField):
    """A subject written as KIND:ID."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_subject(text) if text else None
        except PrivacyError as error:
            raise forms.ValidationError(str(error)) from None


class TakenDownForm(forms.Form):
    """A request that came by letter or telephone."""

    subject = SubjectField(
        label=_("Whose data"),
        help_text=_("KIND:ID, such as person:… or visitor:…; the log and the conversations show the ids."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=_("Request"), choices=RequestKind)
    details = _words(label=_("What was asked"), required=False)


class NoteForm(forms.Form):
    text = _words(rows=3, label=_("Note"), help_text=_("For those who work on it. It is kept encrypted."))


class ReasonForm(forms.Form):
    """A decision with its reason, which the person concerned is shown."""

    DECISIONS = (
        ("accept", _("Do as asked")),
        ("extend", _("Take two more months")),
        ("refuse", _("Refuse")),
    )

    decision = forms.ChoiceField(label=_("Decision"), choices=DECISIONS, widget=forms.RadioSelect)
    reason = _words(
        rows=3,
        label=_("Reason"),
        required=False,
        help_text=_("The person is shown it. Needed to refuse and to take more time."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("decision") in {"extend", "refuse"} and not values.get("reason", "").strip():
            self.add_error("reason", _("Say why."))
        return values


class PeriodForm(forms.Form):
    code = forms.ChoiceField(label=_("Class of data"))
    days = forms.IntegerField(
        label=_("Keep for so many days"),
        min_value=1,
        max_value=LONGEST_DAYS,
        required=False,
        help_text=_("Empty: without an end."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(code, known.label) for code, known in retention_classes().items()]  # type: ignore[attr-defined]


class HoldForm(forms.Form):
    retention_class = forms.ChoiceField(
        label=_("Class of data"), required=False, help_text=_("Or one person below, not both.")
    )
    subject = SubjectField(
        label=_("One person"),
        required=False,
        help_text=_("KIND:ID, such as person:… or visitor:…"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown to whoever tries to erase. It is kept encrypted."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [(code, known.label) for code, known in retention_classes().items()]
        self.fields["retention_class"].choices = [("", "–"), *classes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors and bool(values.get("retention_class")) == bool(values.get("subject")):
            self.add_error("retention_class", _("Choose a class or name one person."))
        return values
