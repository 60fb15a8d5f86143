"""The page of terms."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.courses import terms
from tutor.courses.errors import CourseError
from tutor.courses.forms import TermForm
from tutor.models import Term
from tutor.refusals import known_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view("administrator")
@known_only
def all_terms(request: MemberRequest) -> HttpResponse:
    """List the terms; POST adds one."""
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect("tutor:terms", request.organisation.slug)
    return render(request, "tutor/courses/terms.html", {"terms": terms.terms(request.principal), "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view("administrator")
@known_only
def edit_term(request: MemberRequest, term_id: UUID) -> HttpResponse:
    term = terms.term_of(request.principal, term_id)
    initial = {"name": term.name, "starts_on": term.starts_on, "ends_on": term.ends_on}
    form = TermForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _saved(request, form, term):
        return redirect("tutor:terms", request.organisation.slug)
    return render(request, "tutor/courses/term.html", {"term": term, "form": form})


@require_POST
@member_view("administrator")
@known_only
def delete_term(request: MemberRequest, term_id: UUID) -> HttpResponse:
    try:
        terms.delete_term(request.principal, term_id)
    except CourseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The term was deleted."))
    return redirect("tutor:terms", request.organisation.slug)


def _saved(request: MemberRequest, form: TermForm, term: Term | None = None) -> bool:
    try:
        terms.save_term(request.principal, form.cleaned_data, term_id=term.pk if term is not None else None)
    except CourseError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("The term was saved."))
    return True
