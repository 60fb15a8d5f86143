from __future__ import annotations

from collections.abc import Callable
from smtplib import SMTPException
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from llmasos.accounts import mail, queries, services
from llmasos.accounts.errors import AccountsError, NotAllowedError
from llmasos.accounts.forms import InviteForm, RolesForm
from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.audit.types import Ref


@member_view(Role.ADMINISTRATOR)
def people(request: MemberRequest) -> HttpResponse:
    return _list(request, InviteForm())


@member_view(Role.ADMINISTRATOR)
@require_POST
def invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    issued = services.invite(principal=request.principal, organisation_id=request.organisation.pk, **form.cleaned_data)
    url = request.build_absolute_uri(reverse("accounts:invitation", kwargs={"secret": issued.secret}))
    if mail.is_configured() and _send_invitation(request, issued.invitation.email, url):
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": issued.invitation.email})
        return redirect("accounts:people", request.organisation.slug)
    return _show_link(
        request,
        title=_("Invitation for %(email)s") % {"email": issued.invitation.email},
        text=_("Send this link to the person. It works once, for 7 days, and is not shown again."),
        url=url,
    )


@member_view(Role.ADMINISTRATOR)
@require_POST
def revoke(request: MemberRequest, invitation_id: UUID) -> HttpResponse:
    return _change(
        request,
        lambda: services.revoke_invitation(
            principal=request.principal, organisation_id=request.organisation.pk, invitation_id=invitation_id
        ),
        _("The invitation is withdrawn."),
    )


@member_view(Role.ADMINISTRATOR)
def roles(request: MemberRequest, person_id: UUID) -> HttpResponse:
    member = next((one for one in queries.members(request.organisation.pk) if one.person.pk == person_id), None)
    if member is None:
        raise Http404
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="accounts.person_read",
        subject=Ref("person", person_id),
    )
    form = RolesForm(request.POST or None, initial={"roles": sorted(member.role_codes)})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_roles(
                principal=request.principal,
                organisation_id=request.organisation.pk,
                person_id=person_id,
                roles=form.cleaned_data["roles"],
            )
        except (AccountsError, ValidationError) as error:
            form.add_error("roles", error.messages if isinstance(error, ValidationError) else str(error))
        else:
            messages.success(request, _("The roles of %(person)s are changed.") % {"person": member.person})
            return redirect("accounts:people", request.organisation.slug)
    status = 422 if form.errors else 200
    return render(request, "accounts/roles.html", {"member": member, "form": form}, status=status)


@member_view(Role.ADMINISTRATOR)
@require_POST
def deactivate(request: MemberRequest, person_id: UUID) -> HttpResponse:
    return _change(
        request,
        lambda: services.deactivate(
            principal=request.principal, organisation_id=request.organisation.pk, person_id=person_id
        ),
        _("Access is taken away. You can give it back below."),
    )


@member_view(Role.ADMINISTRATOR)
@require_POST
def reactivate(request: MemberRequest, person_id: UUID) -> HttpResponse:
    return _change(
        request,
        lambda: services.reactivate(
            principal=request.principal, organisation_id=request.organisation.pk, person_id=person_id
        ),
        _("Access is given back, with the roles from before."),
    )


@member_view(Role.ADMINISTRATOR)
@require_POST
def password_link(request: MemberRequest, person_id: UUID) -> HttpResponse:
    try:
        key = services.password_link_token(
            principal=request.principal, organisation_id=request.organisation.pk, person_id=person_id
        )
    except AccountsError as error:
        messages.error(request, str(error))
        return redirect("accounts:people", request.organisation.slug)
    uidb36, _separator, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
    return _show_link(
        request,
        title=_("Link for a new password"),
        text=_("Send this link to the person by a way that you trust. It works once and is not shown again."),
        url=request.build_absolute_uri(path),
    )


def _list(request: MemberRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    members = queries.members(request.organisation.pk)
    invitations = queries.open_invitations(request.organisation.pk)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="accounts.people_listed",
        digests={"count": len(members), "invitations": len(invitations)},
    )
    context = {"members": members, "invitations": invitations, "form": form, "sends_mail": mail.is_configured()}
    return render(request, "accounts/people.html", context, status=status)


def _change(request: MemberRequest, change: Callable[[], object], done: str) -> HttpResponse:
    try:
        change()
    except NotAllowedError:
        raise
    except AccountsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("accounts:people", request.organisation.slug)


def _show_link(request: MemberRequest, *, title: str, text: str, url: str) -> HttpResponse:
    context = {"title": title, "text": text, "secret": url, "back": "accounts:people"}
    response = render(request, "accounts/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _send_invitation(request: MemberRequest, email: str, url: str) -> bool:
    context = {"organisation": request.organisation, "url": url}
    try:
        send_mail(
            subject=_("Invitation to %(organisation)s") % {"organisation": request.organisation.name},
            message=render_to_string("accounts/mail/invitation.txt", context),
            from_email=mail.sender(),
            recipient_list=[email],
        )
    except (SMTPException, OSError):
        messages.warning(request, _("The mail server did not take the invitation. Send the link yourself."))
        return False
    return True
