from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from llmasos.console.requests.queries import ENDED_STATES, Wanted, mark_of

ANY = "any"
STATE_CHOICES = [(ANY, _("Any")), *((str(state), state.label) for state in ENDED_STATES)]
ENGINE_CHOICES = [(ANY, _("Any")), ("embed", _("Embeddings")), ("generate", _("Text generation"))]
PERIOD_CHOICES = [
    ("hour", _("Last hour")),
    ("day", _("Last 24 hours")),
    ("week", _("Last 7 days")),
    ("month", _("Last 30 days")),
]
GIVEN = {"state": ANY, "engine": ANY, "period": "day"}


class RunFilter(forms.Form):
    """Which ended runs to show. The fields stand in the address: ids and codes alone."""

    state = forms.ChoiceField(label=_("Ended as"), choices=STATE_CHOICES)
    engine = forms.ChoiceField(label=_("Engine"), choices=ENGINE_CHOICES)
    period = forms.ChoiceField(label=_("From"), choices=PERIOD_CHOICES)
    organisation = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, query: QueryDict) -> None:
        data = query.copy()
        for name, value in GIVEN.items():
            data.setdefault(name, value)
        super().__init__(data, auto_id="filter-%s")

    def wanted(self, organisation_id: UUID | None = None) -> Wanted:
        """Return what is asked for; what makes no sense counts as not asked for."""
        self.is_valid()
        given = {**GIVEN, **self.cleaned_data}
        return Wanted(
            organisation_id=organisation_id or given.get("organisation"),
            states=ENDED_STATES if given["state"] == ANY else [given["state"]],
            engine="" if given["engine"] == ANY else given["engine"],
            period=given["period"],
            before=mark_of(self.data.get("before", "")),
        )

    @property
    def is_used(self) -> bool:
        """Say whether something other than the newest of a day is shown."""
        changed = any(self.data.get(name) != value for name, value in GIVEN.items())
        return changed or any(self.data.get(name) for name in ("organisation", "before"))
