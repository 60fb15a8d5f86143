"""What the columns of the tables are called where people change and compare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy

from clinical_assist.medicines.types import UNITS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Label and hint of each column.
LABELS: Final[Mapping[str, tuple[StrOrPromise, StrOrPromise]]] = {
    "name": (gettext_lazy("Generic name"), ""),
    "also": (gettext_lazy("Other names"), gettext_lazy("Separated by semicolons.")),
    "brands": (gettext_lazy("Brands"), gettext_lazy("Separated by semicolons.")),
    "classes": (gettext_lazy("Classes"), gettext_lazy("Separated by semicolons. Rules name them.")),
    "unit": (gettext_lazy("Unit of its doses"), ""),
    "day_low": (gettext_lazy("Adults: least a day"), gettext_lazy("In the unit above.")),
    "day_high": (gettext_lazy("Adults: most a day"), gettext_lazy("In the unit above.")),
    "dose_high": (gettext_lazy("Adults: most at once"), gettext_lazy("In the unit above.")),
    "child_day": (
        gettext_lazy("Children: mg per kg a day"),
        gettext_lazy("A range such as 25-90. Empty: no dose for children is known."),
    ),
    "clearance": (
        gettext_lazy("Limits by creatinine clearance"),
        gettext_lazy("Bounds in mL/min with avoid, reduce or caution, such as: 45 reduce; 30 avoid."),
    ),
    "pregnancy": (gettext_lazy("Pregnancy"), ""),
    "lactation": (gettext_lazy("Breastfeeding"), ""),
    "problems": (
        gettext_lazy("Problems that speak against it"),
        gettext_lazy("Separated by semicolons. !! behind one: contraindicated, ! with care, nothing: a note."),
    ),
    "source": (gettext_lazy("Source"), ""),
    "checked": (gettext_lazy("Held against its source on"), gettext_lazy("A day such as 2026-03-31.")),
    "first": (gettext_lazy("One medicine or class"), ""),
    "second": (gettext_lazy("The other medicine or class"), ""),
    "tier": (gettext_lazy("Tier"), ""),
    "effect": (gettext_lazy("What happens"), ""),
    "advice": (gettext_lazy("What to do"), ""),
    "group": (gettext_lazy("Reaction to: medicine or class"), ""),
    "members": (gettext_lazy("Reaches: medicine or class"), ""),
    "cross": (
        gettext_lazy("Only for the class"),
        gettext_lazy("Narrows the group, or what is reached, to a class of it."),
    ),
    "measure": (gettext_lazy("Measure"), ""),
    "side": (gettext_lazy("Side"), ""),
    "bound": (gettext_lazy("Bound"), ""),
    "class": (gettext_lazy("Medicine or class"), ""),
    "code": (gettext_lazy("Code"), gettext_lazy("A letter or short word that rows name.")),
    "text": (gettext_lazy("Work, with its year"), ""),
}
_DOSES: Final = frozenset({"day_low", "day_high", "dose_high"})


def label_of(column: str, row: Mapping[str, Any]) -> str:
    """Return what a column is called, with the unit of the row where it holds a dose."""
    label = str(LABELS[column][0]) if column in LABELS else column
    unit = UNITS.get(str(row.get("unit", ""))) if column in _DOSES else None
    return f"{label} ({unit})" if unit else label
