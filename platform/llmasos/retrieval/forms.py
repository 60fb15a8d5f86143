from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from llmasos.retrieval import parsing


class CollectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Such as: Handbook, Price list, Course notes."))


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("Markdown, text, HTML, PDF, or JSONL with lines {id, title, text} or {id, question, answer}."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(sorted(parsing.MEDIA_TYPES))}),
    )
