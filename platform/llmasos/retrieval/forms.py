from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from llmasos.retrieval import parsing
from llmasos.retrieval.sources import MAX_BYTES


class CollectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Such as: Handbook, Price list, Course notes."))


def _is_small_enough(file: UploadedFile[bytes]) -> None:
    if (file.size or 0) > MAX_BYTES:
        raise forms.ValidationError(_("The file is larger than %(size)s MB."), params={"size": MAX_BYTES // 1024**2})


class UploadForm(forms.Form):
    file = forms.FileField(
        validators=[_is_small_enough],
        label=_("File"),
        help_text=_("Markdown, text, HTML, PDF, or JSONL with lines {id, title, text} or {id, question, answer}."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(sorted(parsing.MEDIA_TYPES))}),
    )
