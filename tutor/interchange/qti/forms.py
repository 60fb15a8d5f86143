from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tutor.interchange.qti.packages import MAX_BYTES


class QuestionsForm(forms.Form):
    """A file of questions to look at; nothing is written before it was shown."""

    file = forms.FileField(
        label=_("Questions as QTI"),
        help_text=_(
            "A ZIP file or an XML file of QTI 1.2, 2.1, 2.2 or 3.0, such as Canvas and Moodle plug-ins export."
        ),
        widget=forms.FileInput({"accept": ".zip,.xml,application/zip,text/xml,application/xml"}),
    )

    def content(self) -> bytes:
        """Return the bytes of the file, one more than can be read at most."""
        return bytes(self.cleaned_data["file"].read(MAX_BYTES + 1))
