"""Forms of imports and of other systems."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical_assist.fhir.key_sets import KeySetAwayError, fetch
from clinical_assist.fhir.keys import key_set_problem
from clinical_assist.fhir.reading import LINES
from clinical_assist.fhir.server.scopes import TYPES
from llmasos.runtime.addresses import PrivateAddressError, is_allowed

MOST_UPLOADED: Final = 12 * 1024 * 1024
_LONGEST_KEYS: Final = 20_000
_PROBLEMS: Final = {
    "no_keys": gettext_lazy('This is no key set: it begins with {"keys": [.'),
    "private": gettext_lazy(
        "This holds a private key. Keep it secret, make a new one, and give the public half alone."
    ),
    "unusable": gettext_lazy("No key in it can sign with RS384 (RSA of 2,048 bits or more) or ES384 (P-384)."),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("FHIR R4 bundle (JSON)"),
        help_text=gettext_lazy("As another system exports the record; 12 MB at most. You see what it holds first."),
        widget=forms.ClearableFileInput({"accept": f".json,{LINES},application/json,application/fhir+json"}),
    )

    def clean_file(self) -> tuple[str, str]:
        given = self.cleaned_data["file"]
        if (given.size or 0) > MOST_UPLOADED:
            raise forms.ValidationError(_("The file is larger than 12 MB: use manage.py fhir import, or split it."))
        try:
            text = given.read().decode()
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This is no JSON file in UTF-8.")) from None
        if not text.lstrip("\ufeff \t\r\n").startswith("{"):
            raise forms.ValidationError(_("This is no JSON file: export the record as a FHIR R4 bundle."))
        return str(given.name or "file")[:120], text


class KeySetForm(forms.Form):
    """What programs and callers have in common: a name, and the public keys by which they are known."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("As people here call the system.")
    )
    key_set_url = forms.CharField(
        label=gettext_lazy("Address of its public keys (JWKS)"),
        max_length=400,
        required=False,
        help_text=gettext_lazy(
            "Where the system publishes its keys, with https: new keys are then taken without you. Or give the keys"
            " themselves below."
        ),
        widget=forms.TextInput({"inputmode": "url", "spellcheck": "false"}),
    )
    key_set = forms.CharField(
        label=gettext_lazy("Public keys (JWKS)"),
        max_length=_LONGEST_KEYS,
        required=False,
        help_text=gettext_lazy("The JSON that the system's vendor gives you. Nothing is asked from elsewhere then."),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )

    def clean_key_set_url(self) -> str:
        address = str(self.cleaned_data["key_set_url"])
        if address and not is_allowed(address):
            raise forms.ValidationError(_("The address begins with https:// and has no password in it."))
        if address:
            try:
                fetch(address)
            except PrivateAddressError:
                raise forms.ValidationError(
                    _(
                        "The address is within a private network. Whoever operates this installation can allow the"
                        " network (LLMASOS_PRIVATE_NETWORKS); or give the keys themselves below."
                    )
                ) from None
            except KeySetAwayError:
                raise forms.ValidationError(
                    _("No key set with a usable public key can be read there. Redirects are not followed.")
                ) from None
        return address

    def clean_key_set(self) -> Any:
        if not self.cleaned_data["key_set"].strip():
            return {}
        try:
            found = json.loads(self.cleaned_data["key_set"])
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is no JSON.")) from None
        if problem := key_set_problem(found):
            raise forms.ValidationError(str(_PROBLEMS[problem]))
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if {"key_set", "key_set_url"} <= found.keys() and bool(found["key_set"]) == bool(found["key_set_url"]):
            raise forms.ValidationError(_("Give either the address of the public keys, or the keys themselves."))
        return found


class ProgramForm(KeySetForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May read, of all patients"),
        choices=[("system/*.rs", gettext_lazy("Everything")), *((f"system/{one}.rs", one) for one in TYPES)],
        widget=forms.CheckboxSelectMultiple,
    )


class CallerForm(KeySetForm):
    issuer = forms.CharField(
        label=gettext_lazy("Issuer"),
        max_length=255,
        help_text=gettext_lazy("What its calls carry as iss, such as https://records.example."),
    )
    origins = forms.CharField(
        label=gettext_lazy("Origins of its pages"),
        required=False,
        help_text=gettext_lazy("One a line, where its pages call from the browser, such as https://records.example."),
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
    )

    def clean_origins(self) -> list[str]:
        found = [line.strip().rstrip("/") for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        for one in found:
            parts = urlsplit(one)
            if parts.scheme not in {"https", "http"} or not parts.netloc or parts.path or len(one) > 255:
                raise forms.ValidationError(_("An origin is a scheme and a host, such as https://records.example."))
        return list(dict.fromkeys(found))
