"""Finding patients by name, number or birth date through blind indexes; inside ``acting_in``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Max, Q, QuerySet

from clinical_assist.models import Patient
from clinical_assist.record.access import patients_of
from llmasos.accounts.principals import Principal
from llmasos.vault.blind import found_by

PAGE_PATIENTS: Final = 25
_MOST_OUTSIDE: Final = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the patients for whom the principal cares, and the few others whom the words name exactly.

    The patients of the page have ``seen``: when their last visit began, or is planned.
    """

    page: Page[Any]
    outside: tuple[Patient, ...]

    @property
    def count(self) -> int:
        return self.page.paginator.count + len(self.outside)


def search(principal: Principal, text: str, page: int) -> Found:
    """Return those whom the words find, the last seen first. Without words: all for whom the principal cares.

    Who is not of the care team finds somebody by the whole number, or by a name with the birth date, no less.
    """
    own = patients_of(principal).filter(merged_into=None)
    if not text:
        return Found(_page(own, page), ())
    rows = Patient.objects.for_organisation(principal.organisation_id)
    wanted = rows.filter(_condition(principal, text))
    # A merged row is found by its old name and number, and leads to the one whose record it is.
    heads = Q(pk__in=wanted.values("pk")) | Q(pk__in=wanted.exclude(merged_into=None).values("merged_into"))
    strangers = rows.filter(_exact(principal, text), merged_into=None).exclude(pk__in=own.values("pk"))
    return Found(_page(own.filter(heads), page), tuple(strangers[:_MOST_OUTSIDE]))


def _page(rows: QuerySet[Patient], number: int) -> Page[Any]:
    ordered = rows.annotate(seen=Max("encounters__starts_at")).order_by("-seen", "-created_at", "pk")
    return Paginator(ordered, PAGE_PATIENTS).get_page(number)


def _condition(principal: Principal, text: str) -> Q:
    where = {"organisation_id": principal.organisation_id}
    days, words = _split(text)
    number = found_by(Patient, "number_index", text=text, **where)
    condition = Q()
    for day in days:
        condition &= found_by(Patient, "birth_index", text=day, **where)
    if words:
        condition &= found_by(Patient, "name_index", text=words, **where)
    return number | condition


def _exact(principal: Principal, text: str) -> Q:
    where = {"organisation_id": principal.organisation_id}
    days, words = _split(text)
    number = found_by(Patient, "number_index", text=text, **where)
    if not days or not words:
        return number
    born = found_by(Patient, "birth_index", text=days[0], **where)
    return number | (born & found_by(Patient, "name_index", text=words, **where))


def _split(text: str) -> tuple[list[str], str]:
    """Part the days, written as 1958-04-02 or 2.4.1958, from the other words."""
    days, words = [], []
    for word in text.split():
        day = _day(word)
        if day:
            days.append(day)
        else:
            words.append(word)
    return days, " ".join(words)


def _day(word: str) -> str:
    parts = word.split(".")
    if len(parts) == 3:
        word = f"{parts[2]}-{parts[1].zfill(2)}-{parts[0].zfill(2)}"
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError:
        return ""
