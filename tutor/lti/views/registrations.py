"""Pages on which an administrator registers learning platforms."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.courses.errors import CourseError
from tutor.lti import platforms as services
from tutor.lti.forms import PlatformForm
from tutor.refusals import known_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view("administrator")
def platforms(request: MemberRequest) -> HttpResponse:
    """List the registered platforms, with what the platform's administrator has to be told; POST registers one."""
    form = PlatformForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, _("The platform is registered."))
        return redirect("tutor:lti_platforms", request.organisation.slug)
    ours = [
        (_("Login initiation address"), _address(request, "lti_login")),
        (_("Launch and redirect address"), _address(request, "lti_launch")),
        (_("Key-set address"), _address(request, "lti_keys")),
    ]
    context = {"form": form, "platforms": services.platforms(request.principal), "ours": ours}
    return render(request, "tutor/lti/platforms.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view("administrator")
@known_only
def platform(request: MemberRequest, platform_id: UUID) -> HttpResponse:
    """Change a registration."""
    found = services.platforms(request.principal).get(pk=platform_id)
    shown = {"deployment_ids": "\n".join(found.deployment_ids)}
    form = PlatformForm(request.POST or None, instance=found, initial=shown)
    if request.method == "POST" and form.is_valid() and _saved(request, form, platform_id):
        messages.success(request, _("Saved."))
        return redirect("tutor:lti_platforms", request.organisation.slug)
    context = {"form": form, "platform_id": platform_id}
    return render(request, "tutor/lti/platform.html", context, status=422 if form.errors else 200)


@require_POST
@member_view("administrator")
@known_only
def remove(request: MemberRequest, platform_id: UUID) -> HttpResponse:
    """Remove a registration."""
    services.remove_platform(request.principal, platform_id)
    messages.success(request, _("The platform is removed. Courses, learners and marks stay."))
    return redirect("tutor:lti_platforms", request.organisation.slug)


def _saved(request: MemberRequest, form: PlatformForm, platform_id: UUID | None = None) -> bool:
    try:
        services.save_platform(request.principal, form.values(), platform_id=platform_id)
    except CourseError as error:
        form.add_error("client_id", str(error))
        return False
    return True


def _address(request: MemberRequest, name: str) -> str:
    return request.build_absolute_uri(reverse(f"tutor:{name}", args=[request.organisation.slug]))
