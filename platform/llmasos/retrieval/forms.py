from __future__ import annotations

from typing import Any

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


class _FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    widget = _FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(_FilesField, self).clean(one, initial) for one in data or [None]]


class UploadForm(forms.Form):
    file = _FilesField(
        validators=[_is_small_enough],
        label=_("Files"),
        help_text=_(
            "Word (DOCX), PDF, HTML, Markdown, text, a table as CSV,"
            " or JSONL with lines {id, title, text} or {id, question, answer}."
        ),
        widget=_FilesInput(attrs={"accept": ",".join(sorted(parsing.MEDIA_TYPES))}),
    )
