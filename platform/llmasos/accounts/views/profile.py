from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from llmasos.accounts import languages, queries, services
from llmasos.accounts.forms import ProfileForm
from llmasos.accounts.models import Person


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    person = cast("Person", request.user)
    form = ProfileForm(request.POST or None, initial={"name": person.name, "language": person.language})
    if request.method == "POST" and form.is_valid():
        services.change_profile(person=person, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        response = redirect("accounts:profile")
        if person.language:
            languages.remember(response, person.language)
        else:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    context = {"form": form, "memberships": queries.memberships_of(person.pk)}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)
