"""The form of a site's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationQuerySet
from llmasos.retrieval.models import Collection
from support_bot.models import OWN_ORIGIN, Site
from support_bot.sites import normal_origin

if TYPE_CHECKING:
    SiteModelForm = forms.ModelForm[Site]
else:
    SiteModelForm = forms.ModelForm


class SiteForm(SiteModelForm):
    origins = forms.CharField(
        label=_("Websites that may show the chat"),
        help_text=_("One address a line, such as https://shop.example. Other websites cannot show it."),
        required=False,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
    )
    own_pages = forms.BooleanField(
        label=_("Pages of this platform may show it too (preview, demo shop)"), required=False
    )
    collections = forms.ModelMultipleChoiceField(
        label=_("Answers come from"),
        help_text=_("Everything in these collections may be quoted to visitors."),
        queryset=Collection.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Site
        fields = ("name", "greeting", "privacy_url", "accent", "active")
        widgets = {"accent": forms.TextInput({"type": "color"}), "greeting": forms.Textarea({"rows": 2})}
        help_texts = {
            "name": _("Visitors see it on top of the chat."),
            "greeting": _("Empty: a friendly sentence in the visitor's language."),
            "active": _("Switched off, the chat shows that it is not available."),
        }

    field_order = ("name", "collections", "origins", "own_pages", "greeting", "privacy_url", "accent", "active")

    def __init__(self, *args: Any, collections: OrganisationQuerySet[Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.instance
        field = self.fields["collections"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - narrows the type
        field.queryset = collections
        self.initial["origins"] = "\n".join(origin for origin in site.allowed_origins if origin != OWN_ORIGIN)
        self.initial["own_pages"] = OWN_ORIGIN in site.allowed_origins
        self.initial["collections"] = site.collection_ids() if not site._state.adding else ()  # noqa: SLF001

    def clean_origins(self) -> list[str]:
        origins: list[str] = []
        faults: list[ValidationError] = []
        for line in self.cleaned_data["origins"].split():
            try:
                origins.append(normal_origin(line))
            except ValidationError as error:
                faults.append(error)
        if faults:
            raise ValidationError(faults)
        return list(dict.fromkeys(origins))

    def values(self) -> dict[str, Any]:
        """Return what ``save_site`` stores."""
        own = [OWN_ORIGIN] if self.cleaned_data["own_pages"] else []
        plain = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return {**plain, "allowed_origins": [*own, *self.cleaned_data["origins"]]}
