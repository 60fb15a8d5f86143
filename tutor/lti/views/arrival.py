"""After a launch: who it is, linking an account, and what the class and the link are here."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from llmasos.accounts import languages
from llmasos.accounts.models import Person
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.accounts.queries import memberships_of
from llmasos.accounts.tenancy import acting_in
from llmasos.inference.valkey import UNREACHABLE
from tutor.desk.entered import uuid_or_none
from tutor.lti import accounts, pending, taking_part
from tutor.lti.forms import ChoiceForm
from tutor.lti.protocol import Launch, RefusedLaunchError
from tutor.lti.refusing import refusal
from tutor.lti.views.entry import LAUNCH_COOKIE, organisation_of
from tutor.models import Assignment, LtiContext
from tutor.permissions import READERS, TEACHER, courses_of
from tutor.refusals import known_only

_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
_NONE: Final = "none"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign the launch's user in; POST links the account that is signed in, or asks for a new one."""
    organisation_id = organisation_of(slug)
    try:
        launch = _pending(request, organisation_id)
        person = _person(request, slug, organisation_id, launch)
        if isinstance(person, HttpResponse):
            return person
        context = taking_part.arrive(organisation_id, launch, person)
    except RefusedLaunchError as error:
        return refusal(request, organisation_id, error)
    except UNREACHABLE:
        return refusal(request, organisation_id, RefusedLaunchError("away"))
    response = _onward(request, slug, organisation_id, launch, context)
    languages.remember(response, person.language)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def connect(request: MemberRequest) -> HttpResponse:
    """Let a teacher say which course a class is, and which assignment a link opens."""
    organisation_id, slug = request.organisation.pk, request.organisation.slug
    try:
        launch = _pending(request, organisation_id)
    except RefusedLaunchError as error:
        return refusal(request, organisation_id, error)
    if accounts.person_of(organisation_id, launch) != request.user or launch.part != "teacher":
        raise Http404
    context = taking_part.context_of(organisation_id, launch)
    form = _link_form(request, context) if context is not None else _class_form(request, launch)
    if request.method == "POST" and form.is_valid():
        chosen = uuid_or_none(form.cleaned_data["chosen"])
        if context is None:
            taking_part.connect_class(request.principal, launch, chosen)
            return redirect("tutor:lti_connect", slug)
        taking_part.connect_link(request.principal, context, launch, chosen)
        return _onward(request, slug, organisation_id, launch, context)
    page = {"form": form, "launch": launch, "context": context}
    return render(request, "tutor/lti/connect.html", page, status=422 if form.errors else 200)


def _pending(request: HttpRequest, organisation_id: UUID) -> Launch:
    token = request.COOKIES.get(LAUNCH_COOKIE, "")
    found = pending.look("launch", organisation_id, token) if token else None
    if found is None:
        raise RefusedLaunchError("expired")
    return Launch(**found)


def _person(request: HttpRequest, slug: str, organisation_id: UUID, launch: Launch) -> Person | HttpResponse:
    """Return who launches, signed in; or the page on which they say so themselves."""
    with acting_in(organisation_id):
        known = accounts.person_of(organisation_id, launch)
        has_account = accounts.has_account(organisation_id, launch)
    present = request.user if request.user.is_authenticated else None
    if known is not None:
        if present == known:
            return known
        if not memberships_of(known.pk):
            raise RefusedLaunchError("deactivated")
        if not accounts.opens(organisation_id, known):
            return _own_sign_in(request, slug, launch)
        login(request, known, backend=_BACKEND)
        return known
    is_member = present is not None and organisation_id in {one.organisation_id for one in memberships_of(present.pk)}
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if present is not None and is_member and act == "link":
        accounts.link(organisation_id, launch, present)
        return present
    if present is not None and is_member and act != "new":
        page = {"launch": launch, "present": present, "has_account": has_account}
        return render(request, "tutor/lti/link.html", page)
    if has_account:
        return _own_sign_in(request, slug, launch)
    made = accounts.make_account(organisation_id, launch)
    if present is not None:
        logout(request)
    login(request, made, backend=_BACKEND)
    return made


def _own_sign_in(request: HttpRequest, slug: str, launch: Launch) -> HttpResponse:
    here = quote(resolve_url("tutor:lti_arrive", slug))
    page = {"launch": launch, "sign_in": f"{resolve_url(settings.LOGIN_URL)}?next={here}"}
    if request.user.is_authenticated:
        # The sign-in page shows nothing to somebody who is signed in.
        logout(request)
    return render(request, "tutor/lti/sign_in.html", page)


def _onward(
    request: HttpRequest, slug: str, organisation_id: UUID, launch: Launch, context: LtiContext | None
) -> HttpResponse:
    """Lead to what the link opens; the launch is used up then."""
    if context is None:
        return redirect("tutor:lti_connect", slug)
    with acting_in(organisation_id):
        link = taking_part.link_of(context, launch)
    if link is None and launch.part == "teacher":
        return redirect("tutor:lti_connect", slug)
    pending.take("launch", organisation_id, request.COOKIES[LAUNCH_COOKIE])
    assignment_id = link.assignment_id if link is not None else None
    if launch.part == "learner":
        response = (
            redirect("tutor:work_assignment", slug, assignment_id) if assignment_id else redirect("tutor:my_work", slug)
        )
    elif assignment_id:
        response = redirect("tutor:assignment", slug, assignment_id)
    else:
        response = redirect("tutor:course", slug, context.course_id)
    response.delete_cookie(LAUNCH_COOKIE, path=f"/o/{slug}/tutor/lti/")
    return response


def _class_form(request: MemberRequest, launch: Launch) -> ChoiceForm:
    courses = courses_of(request.principal, TEACHER).filter(archived_at=None)
    new = _("A new course: %(name)s") % {"name": launch.context_title or launch.context_id}
    choices = [(_NONE, new), *((str(one.pk), one.name) for one in courses)]
    return ChoiceForm(request.POST or None, label=_("Which course is this class?"), choices=choices)


def _link_form(request: MemberRequest, context: LtiContext) -> ChoiceForm:
    rows = Assignment.objects.for_organisation(context.organisation_id).filter(course_id=context.course_id)
    choices = [*((str(one.pk), one.title) for one in rows), (_NONE, _("The course as a whole"))]
    return ChoiceForm(request.POST or None, label=_("What does this link open?"), choices=choices)
