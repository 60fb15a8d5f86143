from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutor.interchange.tables import MAX_BYTES


class MarksForm(forms.Form):
    """A file of marks to look at; nothing is written before it was shown."""

    file = forms.FileField(
        label=_("Marks as CSV"),
        help_text=_(
            "A sheet from here, or a gradebook of Canvas or Moodle: learners by number, e-mail address or pseudonym, "
            "and points in a column for each question."
        ),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )
    replace = forms.BooleanField(
        label=_("Replace marks that stand already"),
        help_text=_("Without this, only what has no mark gets one."),
        required=False,
    )

    def content(self) -> bytes:
        """Return the bytes of the file, one more than can be read at most."""
        return bytes(self.cleaned_data["file"].read(MAX_BYTES + 1))
