"""Forms of the curator's pages of medicines: one row of a table, and rows of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical_assist.governance.versions.forms import NoteForm
from clinical_assist.medicines.columns import COLUMNS, KEYS, Document, Row, code_of
from clinical_assist.medicines.curating.files import LARGEST_FILE
from clinical_assist.medicines.curating.labels import LABELS
from clinical_assist.medicines.listing import ADVICE
from clinical_assist.medicines.reading import SIDES, FaultyTablesError
from clinical_assist.medicines.types import UNITS
from clinical_assist.models.governance import LONGEST_WORDS
from clinical_assist.record.measures import MEASURES

if TYPE_CHECKING:
    from django.http import QueryDict

_TIERS: Final = (
    ("1", gettext_lazy("1: stops the order")),
    ("2", gettext_lazy("2: needs a reason")),
    ("3", gettext_lazy("3: to know")),
)
_LISTS: Final = frozenset({"also", "brands", "classes", "clearance", "problems"})
_NUMBERS: Final = frozenset({"day_low", "day_high", "dose_high", "bound"})
_LONG: Final = frozenset({"effect", "advice", "text", "classes", "problems"})
_NAMES: Final = frozenset({"first", "second", "group", "members", "cross", "class"})
_OPTIONAL: Final = frozenset({"also", "brands", "child_day", "clearance", "problems", "cross"})
_OPTIONAL_HERE: Final = frozenset({("interactions", "advice"), ("laboratory", "advice"), ("laboratory", "unit")})
_BETWEEN: Final = re.compile(r"[;,\n]+")


class RowForm(NoteForm):
    """One row of a table; a new one where ``code`` is empty. What names a row cannot be changed, only added."""

    def __init__(self, data: Any, *, table: str, code: str, tables: Document) -> None:
        old = dict(tables[table][code]) if code else {"checked": timezone.localdate().isoformat()}
        super().__init__(data, initial=old)
        self._table, self._code, self._rows = table, code, tables[table]
        for column in COLUMNS[table]:
            field = _field(column, table, tables)
            field.disabled = bool(code) and column in KEYS[table]
            self.fields[column] = field
        self.order_fields([*COLUMNS[table], "note"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self._code and not self.errors and code_of(self._table, self.row) in self._rows:
            raise forms.ValidationError(_("There is a row of this name already: change that one."))
        return given

    @property
    def row(self) -> Row:
        """The row as the tables write it."""
        return {column: _written(column, self.cleaned_data.get(column, "")) for column in COLUMNS[self._table]}

    def add_faults(self, error: FaultyTablesError) -> None:
        """Show what is wrong at its field, or above the form where it is about another row."""
        code = self._code or code_of(self._table, self.row)
        for fault in error.faults:
            own = fault.table == self._table and fault.code == code
            column = fault.column if own and fault.column in self.fields else None
            self.add_error(column, fault.text if column else fault.said if own else str(fault))


class FileForm(NoteForm):
    """Rows from a file or as they are typed. What a file holds comes back in ``text``, to be mended there."""

    file = forms.FileField(
        label=gettext_lazy("File"), required=False, help_text=gettext_lazy("CSV or TOML, at most 1 MB.")
    )
    text = forms.CharField(
        label=gettext_lazy("Or rows, typed or pasted"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
    )
    field_order = ("file", "text", "note")

    def __init__(self, data: Any = None, files: Any = None, *, is_check: bool = False) -> None:
        super().__init__(data, files)
        self.fields["note"].required = not is_check

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        file, text = given.get("file"), given.get("text", "")
        if file is not None:
            if file.size > LARGEST_FILE:
                raise forms.ValidationError(_("The file is larger than 1 MB."))
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(_("The file is not text in UTF-8. Save it as CSV UTF-8.")) from None
            data = cast("QueryDict", self.data).copy()
            data["text"] = text
            self.data = data
        if not text.strip():
            raise forms.ValidationError(_("Give a file, or rows."))
        given["text"] = text
        return given


def _field(column: str, table: str, tables: Document) -> forms.Field:
    label, hint = LABELS[column]
    needed = column not in _OPTIONAL and (table, column) not in _OPTIONAL_HERE
    choices: list[tuple[str, Any]] = []
    if column == "unit" and table == "medicines":
        choices = list(UNITS.items())
    elif column in {"pregnancy", "lactation"}:
        # Nothing is chosen beforehand: “nothing against it” has to be said.
        choices = [("", "–"), *ADVICE.items()]
    elif column == "tier":
        choices = list(_TIERS)
    elif column == "side":
        choices = [(side, {"over": _("over"), "under": _("under")}[side]) for side in SIDES]
    elif column == "source":
        choices = [(code, f"{code}: {row['text']}") for code, row in tables["sources"].items()]
    elif column == "measure":
        choices = [(name, one.label) for name, one in MEASURES.items()]
    if choices:
        return forms.ChoiceField(label=label, help_text=hint, choices=choices, required=needed)
    attrs = {"autocomplete": "off", **({"list": "known"} if column in _NAMES else {})}
    widget = forms.Textarea(attrs={"rows": 2}) if column in _LONG else forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, help_text=hint, required=needed, max_length=LONGEST_WORDS, widget=widget)


def _written(column: str, text: str) -> str:
    if column in _LISTS:
        return ";".join(one.strip() for one in _BETWEEN.split(text) if one.strip())
    return text.strip().replace(",", ".") if column in _NUMBERS else " ".join(text.split())
