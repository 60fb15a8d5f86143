"""Pages for people who have no account yet: the first one, and those who are invited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from llmasos.accounts import languages, services, setup
from llmasos.accounts.errors import AccountsError, InvitationUnusableError
from llmasos.accounts.forms import AcceptForm, SetUpForm
from llmasos.accounts.models import Person

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
def setup_closed(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/setup_closed.html", {"is_open": setup.is_open()})


@never_cache
@sensitive_post_parameters()
def set_up(request: HttpRequest, secret: str) -> HttpResponse:
    try:
        setup.check_link(secret)
    except setup.SetupClosedError:
        return render(request, "accounts/setup_closed.html", {"is_open": setup.is_open()}, status=404)
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = setup.set_up(secret, form.cleaned_data)
        except setup.SetupClosedError:
            return render(request, "accounts/setup_closed.html", {"is_open": False}, status=404)
        except (AccountsError, ValidationError) as error:
            _show_errors(form, error)
        else:
            login(request, person, backend=_BACKEND)
            messages.success(request, _("Your organisation is ready. Next: invite people and import documents."))
            response = redirect("ui:home")
            languages.remember(response, person.language)
            return response
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    try:
        offer = services.find_invitation(secret)
    except InvitationUnusableError as error:
        return render(request, "accounts/invitation_closed.html", {"reason": str(error)}, status=404)
    has_account = Person.objects.filter(email=offer.email).exists()
    signed_in = request.user if isinstance(request.user, Person) else None
    is_invited = signed_in is not None and signed_in.email == offer.email
    form = None if has_account else AcceptForm(request.POST or None, email=offer.email)
    if request.method == "POST" and (is_invited or (form is not None and form.is_valid())):
        try:
            person = _accept(request, secret, signed_in if is_invited else None, form)
        except InvitationUnusableError as error:
            return render(request, "accounts/invitation_closed.html", {"reason": str(error)}, status=404)
        except ValidationError as error:
            if form is None:
                raise
            _show_errors(form, error)
        else:
            if not is_invited:
                login(request, person, backend=_BACKEND)
            messages.success(request, _("Welcome to %(name)s.") % {"name": offer.organisation_name})
            return redirect("ui:home")
    context = {
        "offer": offer,
        "form": form,
        "is_invited": is_invited,
        "signed_in": signed_in,
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    return render(request, "accounts/invitation.html", context, status=422 if form and form.errors else 200)


def _accept(request: HttpRequest, secret: str, person: Person | None, form: AcceptForm | None) -> Person:
    if person is not None or form is None:
        return services.accept_invitation(secret, person=person)
    return services.accept_invitation(
        secret, name=form.cleaned_data["person_name"], password=form.cleaned_data["password"]
    )


def _show_errors(form: forms.Form, error: Any) -> None:
    if isinstance(error, ValidationError):
        named = error.message_dict if hasattr(error, "error_dict") else {}
        for field, texts in named.items():
            form.add_error(field if field in form.fields else None, texts)
        if not named:
            form.add_error(None, error)
    else:
        form.add_error("slug" if "slug" in form.fields else None, str(error))
