from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from llmasos.accounts import queries, services
from llmasos.accounts.errors import AccountsError, NotAllowedError
from llmasos.accounts.forms import KeyForm, ServiceAccountForm
from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view


@member_view(Role.ADMINISTRATOR)
def keys(request: MemberRequest) -> HttpResponse:
    return _list(request, ServiceAccountForm())


@member_view(Role.ADMINISTRATOR)
def new(request: MemberRequest) -> HttpResponse:
    accounts = queries.service_accounts(request.organisation.pk)
    form = KeyForm(request.POST or None, service_accounts=accounts)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/new_key.html", {"form": form}, status=422 if form.errors else 200)
    account = form.cleaned_data["service_account"]
    issued = services.create_api_key(
        principal=request.principal,
        organisation_id=request.organisation.pk,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=form.expires_at(),
        service_account_id=account.pk if account else None,
    )
    context = {
        "title": _("Key “%(name)s”") % {"name": issued.key.name},
        "text": _("Copy the key now and keep it like a password. It is not shown again."),
        "secret": issued.secret,
        "back": "accounts:keys",
    }
    response = render(request, "accounts/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


@member_view(Role.ADMINISTRATOR)
@require_POST
def revoke(request: MemberRequest, key_id: UUID) -> HttpResponse:
    done = _("The key is revoked: it does not work any more. For ten minutes you can take that back.")
    return _change(request, services.revoke_api_key, key_id, done=done)


@member_view(Role.ADMINISTRATOR)
@require_POST
def restore(request: MemberRequest, key_id: UUID) -> HttpResponse:
    return _change(request, services.restore_api_key, key_id, done=_("The key works again."))


@member_view(Role.ADMINISTRATOR)
@require_POST
def add_service_account(request: MemberRequest) -> HttpResponse:
    form = ServiceAccountForm(request.POST)
    if form.is_valid():
        try:
            services.add_service_account(
                principal=request.principal, organisation_id=request.organisation.pk, name=form.cleaned_data["name"]
            )
        except NotAllowedError:
            raise
        except AccountsError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The service account is added. Give it a key now."))
            return redirect("accounts:keys", request.organisation.slug)
    return _list(request, form, status=422)


@member_view(Role.ADMINISTRATOR)
@require_POST
def deactivate_service_account(request: MemberRequest, account_id: UUID) -> HttpResponse:
    try:
        services.deactivate_service_account(
            principal=request.principal, organisation_id=request.organisation.pk, account_id=account_id
        )
    except NotAllowedError:
        raise
    except AccountsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The service account is deactivated, and its keys with it."))
    return redirect("accounts:keys", request.organisation.slug)


def _change(request: MemberRequest, act: Callable[..., None], key_id: UUID, *, done: str) -> HttpResponse:
    """Change a key and go back to the page that asked: this one, or another of the site."""
    try:
        act(principal=request.principal, organisation_id=request.organisation.pk, key_id=key_id)
    except NotAllowedError:
        raise
    except AccountsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect("accounts:keys", request.organisation.slug)


def _list(request: MemberRequest, form: ServiceAccountForm, *, status: int = 200) -> HttpResponse:
    context = {
        "keys": queries.api_keys(request.organisation.pk),
        "service_accounts": queries.service_accounts(request.organisation.pk),
        "form": form,
    }
    return render(request, "accounts/keys.html", context, status=status)
