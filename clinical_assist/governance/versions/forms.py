"""Forms of the curator's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinical_assist.governance.versions.services import LARGEST_CONTENT
from clinical_assist.models.governance import LONGEST_WORDS

MOST_FILES = 40


class NoteForm(forms.Form):
    """What was changed and why."""

    note = forms.CharField(
        label=_("What was changed and why"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReviewForm(forms.Form):
    """The finding of a review."""

    verdict = forms.ChoiceField(choices=[("approve", ""), ("reject", "")], widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What you looked at and found"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3})
    )


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One or more files."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(one, initial) for one in given]


class UploadForm(NoteForm):
    """Tables from files, or an imported base of this installation."""

    tables = ManyFilesField(
        label=_("Files"),
        required=False,
        help_text=_(
            "TOML changes what is in use: its entries replace those of the same code. JSON is a whole base or the"
            " tables of a DDXPlus-style release; TSV is a list of diseases with their symptoms."
        ),
    )
    installed = forms.ChoiceField(label=_("Or a base that was imported on this machine"), required=False)

    field_order = ("tables", "installed", "note")

    def __init__(self, *args: Any, installed: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["installed"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("none")), *((name, name) for name in installed)]
        if not installed:
            del self.fields["installed"]

    def clean_tables(self) -> dict[str, bytes]:
        given = [one for one in self.cleaned_data["tables"] if one]
        if len(given) > MOST_FILES or sum(one.size for one in given) > LARGEST_CONTENT:
            raise forms.ValidationError(_("Give at most 40 files of 8 MB together."))
        return {one.name: one.read() for one in given}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "tables" in found and bool(found["tables"]) == bool(found.get("installed")):
            raise forms.ValidationError(_("Choose either files or a base."))
        return found
