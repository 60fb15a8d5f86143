"""What part of the log somebody wants to see, from the address of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llmasos.audit import queries
from llmasos.audit.models import Entry, Outcome
from llmasos.audit.reading import Selection
from llmasos.audit.registry import actions
from llmasos.audit.types import Ref
from llmasos.console.log.words import ACTOR_KINDS, namespace_name

PAGE_ENTRIES = 50
_REQUEST = re.compile(r"[A-Za-z0-9-]{1,64}")


class ReferenceField(forms.CharField):
    """A thing as the log names it: ``kind:id``, or its id alone."""

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        kind, _colon, number = text.rpartition(":")
        try:
            return Ref(kind, UUID(number))
        except ValueError:
            raise ValidationError(_("Give an id as the log shows it, with or without its kind.")) from None


class RequestField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").strip()
        if text and not _REQUEST.fullmatch(text):
            raise ValidationError(_("Give a request’s id as the log shows it."))
        return text


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class LogFilter(forms.Form):
    """The filter above the log. It takes ids and codes only: what it holds stands in the page's address."""

    action = forms.ChoiceField(label=gettext_lazy("Action"), required=False)
    actor = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=[("", gettext_lazy("Any")), *Outcome.choices], required=False
    )
    since = forms.DateTimeField(label=gettext_lazy("From"), required=False, widget=_moment())
    until = forms.DateTimeField(label=gettext_lazy("Before"), required=False, widget=_moment())
    subject = ReferenceField(label=gettext_lazy("Whose data (id)"), required=False)
    object = ReferenceField(label=gettext_lazy("Object or run (id)"), required=False)
    request = RequestField(label=gettext_lazy("Request (id)"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of actor"), required=False)
    purpose = forms.SlugField(label=gettext_lazy("Purpose (code)"), required=False)

    SECOND = ("subject", "object", "request", "kind", "purpose")

    def __init__(self, data: QueryDict, *, people: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        known = list(people)
        given = data.get("actor", "")
        if given and given not in {number for number, _name in known} and _is_id(given):
            known.append((given, given))
        self._offer("action", _action_choices())
        self._offer("actor", [("", _("Anybody")), *known])
        self._offer("kind", [("", _("Any")), *((kind, str(label)) for kind, label in ACTOR_KINDS.items())])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def more(self) -> bool:
        """Say whether one of the rarer fields is in use."""
        return any(self.data.get(name) for name in self.SECOND)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.SECOND]

    @property
    def second_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SECOND]

    def entries(self, organisation_id: UUID) -> QuerySet[Entry]:
        """Return the entries that are wanted, newest first; none while the filter has a mistake."""
        if not self.is_valid():
            return queries.entries(organisation_id).none()
        wanted = self.cleaned_data
        return queries.entries(
            organisation_id,
            action=wanted["action"],
            actor_id=UUID(wanted["actor"]) if wanted["actor"] else None,
            actor_kind=wanted["kind"],
            subject=wanted["subject"],
            object=wanted["object"],
            request_id=wanted["request"],
            purpose=wanted["purpose"],
            outcome=wanted["outcome"],
            since=wanted["since"],
            until=wanted["until"],
        )

    def selection(self) -> Selection | None:
        """Return the same part of the log for a download; None where a download cannot be cut that way."""
        wanted = self.cleaned_data
        if wanted["outcome"] or wanted["object"] or wanted["kind"] or wanted["purpose"]:
            return None
        return Selection(
            since=wanted["since"],
            until=wanted["until"],
            subject_id=wanted["subject"].id if wanted["subject"] else None,
            actor_id=UUID(wanted["actor"]) if wanted["actor"] else None,
            request_id=wanted["request"],
            action=wanted["action"],
        )


@dataclass(frozen=True, slots=True)
class LogPage:
    """A stretch of the log, newest first, and the marks of its two ends where more lies beyond them."""

    entries: list[Entry]
    newer: str
    older: str


def page_of(found: QuerySet[Entry], *, newer_than: str, older_than: str, size: int = PAGE_ENTRIES) -> LogPage:
    """Return the entries before or after a mark. A page found by key costs the same wherever it lies."""
    mark = _mark(newer_than or older_than)
    if mark is not None and newer_than:
        moment, number = mark
        later = found.filter(Q(recorded_at__gt=moment) | Q(recorded_at=moment, id__gt=number))
        rows = list(later.filter(recorded_at__gte=moment).order_by("recorded_at", "id")[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        return LogPage(rows, _marked(rows[0]) if more else "", _marked(rows[-1]) if rows else "")
    if mark is not None:
        moment, number = mark
        earlier = Q(recorded_at__lt=moment) | Q(recorded_at=moment, id__lt=number)
        found = found.filter(earlier).filter(recorded_at__lte=moment)
    rows = list(found[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return LogPage(rows, _marked(rows[0]) if rows and mark else "", _marked(rows[-1]) if more else "")


def _mark(text: str) -> tuple[datetime, UUID] | None:
    moment, _sign, number = text.partition("_")
    try:
        return datetime.fromisoformat(moment), UUID(number)
    except ValueError:
        return None


def _marked(entry: Entry) -> str:
    return f"{entry.recorded_at.isoformat().replace('+00:00', 'Z')}_{entry.pk}"


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _action_choices() -> list[Any]:
    """Offer each namespace as a whole, then its actions."""
    choices: list[Any] = [("", _("Any"))]
    for namespace, members in groupby(actions().items(), key=lambda item: item[0].partition(".")[0]):
        named = [(code, str(action.label)) for code, action in members]
        whole = (namespace, _("Everything in “%(area)s”") % {"area": namespace_name(namespace)})
        choices.append((namespace_name(namespace), [whole, *named]))
    return choices
