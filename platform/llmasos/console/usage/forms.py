from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Actor
from llmasos.inference.models import Measure, Period
from llmasos.inference.quotas.words import limit_name

KINDS = (
    (Measure.REQUESTS, Period.MINUTE),
    (Measure.REQUESTS, Period.DAY),
    (Measure.REQUESTS, Period.MONTH),
    (Measure.TOKENS, Period.MINUTE),
    (Measure.TOKENS, Period.DAY),
    (Measure.TOKENS, Period.MONTH),
    (Measure.CONCURRENT, ""),
)


class LimitForm(forms.Form):
    """A limit of the organisation as a whole, or of one of its programs where there are ``programs``."""

    program = forms.ChoiceField(label=_("Of"))
    kind = forms.ChoiceField(label=_("Limit"))
    amount = forms.IntegerField(label=_("At most"), min_value=0, max_value=10**15)

    def __init__(self, data: Any = None, *, programs: dict[tuple[str, UUID], str] | None) -> None:
        super().__init__(data, auto_id="limit-%s")
        self._offer("kind", [(f"{measure}:{period}", limit_name(measure, period)) for measure, period in KINDS])
        if programs is None:
            del self.fields["program"]
        else:
            self._offer("program", [(f"{kind}:{number}", name) for (kind, number), name in programs.items()])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def program_given(self) -> Actor | None:
        """The program that was chosen; None for the whole organisation."""
        kind, _sign, number = self.cleaned_data.get("program", "").partition(":")
        return Actor(kind, UUID(number)) if number else None

    @property
    def kind_given(self) -> tuple[str, str]:
        """Measure and period that were chosen."""
        measure, _sign, period = self.cleaned_data["kind"].partition(":")
        return measure, period
