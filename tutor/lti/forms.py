"""Forms of learning platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llmasos.runtime.addresses import is_allowed, leads_inside
from tutor.models import LtiPlatform

if TYPE_CHECKING:
    PlatformModelForm = forms.ModelForm[LtiPlatform]
else:
    PlatformModelForm = forms.ModelForm

_ADDRESSES = ("key_set_url", "authorisation_url", "token_url", "service_url")
# These are never asked by us.
_OPENED_BY_PEOPLE = frozenset({"authorisation_url"})


class PlatformForm(PlatformModelForm):
    deployment_ids = forms.CharField(
        label=gettext_lazy("Deployment ids"),
        help_text=gettext_lazy("One a line. A launch from any other deployment is refused."),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )

    class Meta:
        model = LtiPlatform
        fields = ("name", "issuer", "client_id", "deployment_ids", *_ADDRESSES)
        help_texts = {
            "name": gettext_lazy("As people here call it, such as Moodle."),
            "issuer": gettext_lazy("As the platform writes it, such as https://moodle.school.example."),
            "service_url": gettext_lazy(
                "Where people open the platform, if it is none of the hosts above; with Canvas such as"
                " https://school.instructure.com. Classes and scores go to these hosts alone."
            ),
        }

    def clean_deployment_ids(self) -> list[str]:
        found = list(dict.fromkeys(one.strip() for one in self.cleaned_data["deployment_ids"].splitlines()))
        found = [one for one in found if one]
        if not found or max(len(one) for one in found) > 255:
            raise forms.ValidationError(_("Give the deployment ids, one a line."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in _ADDRESSES:
            if not cleaned.get(name):
                continue
            if not is_allowed(cleaned[name]):
                self.add_error(name, _("This must be an address that begins with https."))
            elif name not in _OPENED_BY_PEOPLE and leads_inside(cleaned[name]):
                self.add_error(
                    name,
                    _(
                        "The address is within a private network. Whoever operates this installation can allow the"
                        " network (LLMASOS_PRIVATE_NETWORKS)."
                    ),
                )
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ChoiceForm(forms.Form):
    """What a class, or a link in it, is here."""

    chosen = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, label: str, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chosen"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.label, field.choices = label, choices
