"""Cards for the teacher to print, and the page on which a pupil signs in with one."""

from __future__ import annotations

from uuid import UUID

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts import languages
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.accounts.queries import memberships_of
from tutor.bulk.acts import ask
from tutor.cards.forms import CardForm
from tutor.cards.services import make_cards
from tutor.cards.sign_in import folded_code, pupil_of
from tutor.courses.errors import CourseError
from tutor.desk.entered import uuid_or_none
from tutor.models import BulkAct
from tutor.permissions import READERS, TEACHER, course_for
from tutor.refusals import known_only

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_POST
@member_view(*READERS)
@known_only
def cards(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Make a PIN for one learner and show the card this once; those of all who have none are made by a worker."""
    course = course_for(request.principal, course_id, TEACHER)
    asked = request.POST.get("learner", "")
    learner_id = uuid_or_none(asked)
    if asked and learner_id is None:
        raise Http404
    try:
        if learner_id is None:
            act = ask(request.principal, BulkAct.Kind.CARDS, course)
            return redirect("tutor:bulk", request.organisation.slug, act.pk)
        made = make_cards(request.principal, course_id, [learner_id])
    except CourseError as error:
        messages.error(request, str(error))
        return redirect("tutor:roster", request.organisation.slug, course_id)
    return render(request, "tutor/cards/cards.html", {"course": course, "cards": made})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a pupil in with class code, number and PIN."""
    form = CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        card = form.cleaned_data
        key = f"card:{folded_code(card['code'])}:{card['number'].strip().casefold()}"
        # Counted before the PIN is looked at, so that many tries at once are no way around the limit.
        tried = ratelimit.consume(request, app="allauth.account", action="login_failed", key=key)
        if tried is None:
            form.add_error(None, _("Too many tries. Wait for five minutes, or ask your teacher for a new PIN."))
            return render(request, "tutor/cards/sign_in.html", {"form": form}, status=429)
        person = pupil_of(card["code"], card["number"], card["pin"])
        if person is None:
            form.add_error(None, _("Class code, number and PIN do not belong together. Look at your card again."))
        else:
            tried.rollback()
            login(request, person, backend=_BACKEND)
            response = redirect("tutor:my_work", memberships_of(person.pk)[0].slug)
            languages.remember(response, person.language)
            return response
    return render(request, "tutor/cards/sign_in.html", {"form": form}, status=422 if form.errors else 200)
