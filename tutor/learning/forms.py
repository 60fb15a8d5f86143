"""Forms of learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from tutor.models import LearningSettings

if TYPE_CHECKING:
    SettingsModelForm = forms.ModelForm[LearningSettings]
else:
    SettingsModelForm = forms.ModelForm


class SettingsForm(SettingsModelForm):
    class Meta:
        model = LearningSettings
        fields = ("advice", "practice", "chat", "chat_read_by_staff")
        help_texts = {
            "advice": _("Switched off, learners see neither estimates nor advice. You still do."),
            "practice": _("Exercises with a check of the machine and hints from the material; never a mark."),
            "chat": _("It answers from the course's material, and guides instead of answering where work is open."),
            "chat_read_by_staff": _("Learners are told. What they wrote while it was off stays theirs alone."),
        }
