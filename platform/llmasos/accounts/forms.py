from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts import setup
from llmasos.accounts.models import MailServer, Person, Role, Scope, ServiceAccount


def time_zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.AGENT)


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What this person may do here."),
    )


class KeyForm(forms.Form):
    LIFETIMES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("Until revoked")))

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("What the key is for, so that you know it again.")
    )
    scopes = forms.MultipleChoiceField(label=_("May do"), choices=Scope, widget=forms.CheckboxSelectMultiple)
    lifetime = forms.ChoiceField(label=_("Works for"), choices=LIFETIMES, initial="90", required=False)
    service_account = forms.ModelChoiceField(
        label=_("Service account"),
        queryset=ServiceAccount.objects.none(),
        required=False,
        empty_label=_("None: the key stands for itself"),
    )

    def __init__(self, *args: Any, service_accounts: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service_account"]
        if service_accounts is not None and isinstance(field, forms.ModelChoiceField):
            field.queryset = service_accounts

    def expires_at(self) -> Any:
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class ServiceAccountForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("The program that uses the keys."))


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser says")), *settings.LANGUAGES], required=False
    )


class NewPasswordForm(forms.Form):
    """The part of set-up and invitations in which someone new chooses name and password."""

    person_name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    email_of_account = ""

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        address = str(self.cleaned_data.get("email") or self.email_of_account)
        validate_password(password, Person(email=address, name=self.cleaned_data.get("person_name", "")))
        return password


class AcceptForm(NewPasswordForm):
    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email_of_account = email


class SetUpForm(NewPasswordForm):
    """Everything that an empty installation needs, once."""

    MAIL = (("links", _("Show one-time links, send nothing")), ("smtp", _("Send by this mail server")))

    organisation = forms.CharField(label=_("Name of the organisation"), max_length=200)
    slug = forms.SlugField(label=_("Short name"), help_text=_("It appears in addresses, such as “harbour-clinic”."))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices, initial="UTC")
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("You sign in with it, as the first administrator."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    mail = forms.ChoiceField(
        label=_("Invitations and forgotten passwords"), choices=MAIL, initial="links", widget=forms.RadioSelect
    )
    mail_host = forms.CharField(label=_("Mail server"), max_length=253, required=False)
    mail_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587, required=False)
    mail_security = forms.ChoiceField(label=_("Encryption"), choices=MailServer.Security, required=False)
    mail_username = forms.CharField(label=_("User name at the mail server"), max_length=254, required=False)
    mail_password = forms.CharField(
        label=_("Password at the mail server"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    mail_sender = forms.EmailField(label=_("Sender"), required=False)

    field_order = (
        *("organisation", "slug", "time_zone", "language", "person_name", "email", "password"),
        *("mail", "mail_host", "mail_port", "mail_security", "mail_username", "mail_password", "mail_sender"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in setup.choices():
            options = choice.options()
            self.fields[f"choice_{choice.key}"] = forms.ChoiceField(
                label=choice.label, choices=options, initial=options[0][0], widget=forms.RadioSelect
            )
            if choice.other:
                self.fields[f"other_{choice.key}"] = forms.CharField(
                    label=choice.other_label, help_text=choice.other_help, max_length=900, required=False
                )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for choice in setup.choices():
            if choice.other and values.get(f"choice_{choice.key}") == choice.other:
                self._answer_in_words(choice, values)
        if values.get("mail") == "smtp":
            for name in ("mail_host", "mail_port", "mail_security", "mail_sender"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("A mail server needs this."))
        return values

    def _answer_in_words(self, choice: setup.Choice, values: dict[str, Any]) -> None:
        """Put the text beside an option into the place of the option."""
        name = f"other_{choice.key}"
        text = values.get(name, "")
        if not text:
            self.add_error(name, _("Your choice needs this."))
            return
        try:
            if choice.check is not None:
                choice.check(text)
        except forms.ValidationError as error:
            self.add_error(name, error)
        else:
            values[f"choice_{choice.key}"] = text
