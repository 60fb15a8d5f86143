from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from llmasos.privacy.breakglass.models import LONGEST_NOTE, Reason, Verdict
from llmasos.privacy.breakglass.services import SHORTEST_NOTE

MINUTES = (15, 30, 60)


class AskForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In your words"),
        min_length=SHORTEST_NOTE,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=_("Why now, and why you. Somebody else reads it within three days."),
    )
    minutes = forms.TypedChoiceField(label=_("For how long"), coerce=int)

    def __init__(self, *args: Any, longest: timedelta, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = int(longest.total_seconds() // 60)
        offered = sorted({minutes for minutes in MINUTES if minutes < most} | {most})
        field = self.fields["minutes"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(n, ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}) for n in offered]
            field.initial = most

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data["minutes"])


class ReviewForm(forms.Form):
    verdict = forms.ChoiceField(label=_("Finding"), choices=Verdict, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Why"),
        min_length=SHORTEST_NOTE,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=_("What you checked, and what follows. “Needs follow-up” keeps it in the queue."),
    )
