"""What somebody is told whose launch is not accepted, and the entry for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_exempt

from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor
from tutor.lti.protocol import RefusedLaunchError

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_AGAIN: Final = _("Go back to the learning platform and open the link once more, in a new window.")
_TOLD: Final[Mapping[str, StrPromise]] = {
    "state": _AGAIN,
    "expired": _AGAIN,
    "nonce": _AGAIN,
    "away": _("Something of ours does not run at the moment. Try again in a few minutes."),
    "unregistered": _("This platform is not registered here. Tell your administrator; nothing is wrong with you."),
    "deployment": _("This deployment is not registered here. Tell your administrator its deployment id."),
    "audience": _("The platform's client id is not the one that is registered here. Tell your administrator."),
    "signature": _(
        "The launch is not signed by the platform, or is too old. Open the link once more; if it stays so,"
        " your administrator looks at the key-set address and the clock."
    ),
    "incomplete": _("The platform did not say who you are or from which class. Your administrator lets it tell both."),
    "role": _("The platform names you neither a teacher nor a learner of this class."),
    "unconnected": _("Your teacher has not connected this class yet. Ask them to open the link first."),
    "deactivated": _("Your access here was taken away. Ask your administrator."),
    "known": _("You are in a class list here with an account already. Sign in with it once, then open the link again."),
}


def refusal(request: HttpRequest, organisation_id: UUID, error: RefusedLaunchError) -> HttpResponse:
    """Record a refusal and say what to do; inside a platform's frame too, where a blank page would say nothing."""
    with acting_in(organisation_id):
        record(
            organisation_id=organisation_id,
            actor=Actor("visitor"),
            action="tutor.lti_refused",
            outcome="denied",
            digests={"reason": error.code},
        )
    told = _TOLD.get(error.code, _("The platform sent something that is no launch. Tell your administrator."))

    @xframe_options_exempt
    @csp_replace({"frame-ancestors": ["https:"]})
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, "tutor/lti/refused.html", {"told": told}, status=403)

    return cast("HttpResponse", page(request))
