"""Pages about each model and rule set, and what clinicians say of their suggestions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinical_assist.governance import feedback, leads
from clinical_assist.governance.about.attributes import ATTRIBUTES
from clinical_assist.governance.about.reading import NAMES, About, about
from clinical_assist.governance.about.versions import history_of, version_of
from clinical_assist.intake.engine import engine_of
from clinical_assist.models import Feedback
from clinical_assist.models.governance import LONGEST_WORDS
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view

PAGE_FEEDBACK = 25


class FeedbackForm(forms.Form):
    """A thumb and words about a suggestion."""

    thumb = forms.ChoiceField(choices=[("up", ""), ("down", "")], widget=forms.HiddenInput)
    suggestion = forms.CharField(required=False, max_length=feedback.LONGEST_SUGGESTION, widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy("What is right or wrong, and where you know it from. Name no patient."),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_safe
@member_view(*READERS)
def all_about(request: MemberRequest) -> HttpResponse:
    """List the models and rule sets."""
    return render(request, "clinical_assist/governance/all_about.html", {"all": [about(code) for code in NAMES]})


@require_safe
@member_view(*READERS)
def about_one(request: MemberRequest, code: str) -> HttpResponse:
    """Say what one model or rule set is, how well it was seen to do, and what it cannot do."""
    found = _about(code)
    organisation_id = request.organisation.pk
    context = {
        "about": found,
        "version": version_of(code, organisation_id),
        "history": history_of(code, organisation_id),
        "groups": [(group, [(label, found.attributes[key]) for key, label in of]) for group, of in ATTRIBUTES],
        "sources": _sources(code, organisation_id),
    }
    return render(request, "clinical_assist/governance/about_one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def feedback_give(request: MemberRequest, code: str) -> HttpResponse:
    """Take a thumb and words about a suggestion."""
    found = _about(code)
    form = FeedbackForm(request.POST or None, initial={"suggestion": request.GET.get("suggestion", "")})
    if request.method == "POST" and form.is_valid():
        try:
            feedback.give(
                request.principal,
                code,
                is_good=form.cleaned_data["thumb"] == "up",
                words=form.cleaned_data["words"],
                suggestion=form.cleaned_data["suggestion"],
                version=version_of(code, request.organisation.pk),
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Thank you. A medical lead or an administrator looks at it."))
            return redirect("clinical_assist:feedback", request.organisation.slug)
    context = {"about": found, "form": form, "suggestion": _named(request, form)}
    return render(request, "clinical_assist/governance/feedback_give.html", context, status=422 if form.errors else 200)


@require_safe
@member_view(*READERS)
def feedback_list(request: MemberRequest) -> HttpResponse:
    """List what was said: all of it for who governs, for others their own."""
    page = Paginator(feedback.feedback_of(request.principal), PAGE_FEEDBACK).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "rows": [(one, NAMES.get(one.about, one.about)) for one in page],
        "states": Feedback.State.choices,
        "governs": leads.governs(request.principal),
        "longest": LONGEST_WORDS,
    }
    return render(request, "clinical_assist/governance/feedback.html", context)


@require_POST
@member_view(*READERS)
def feedback_answer(request: MemberRequest, feedback_id: UUID) -> HttpResponse:
    """Answer what was said and set its state."""
    try:
        state, words = request.POST.get("state", ""), request.POST.get("answer", "")
        feedback.answer(request.principal, feedback_id, state=state, words=words)
    except Feedback.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The answer is kept."))
    return redirect("clinical_assist:feedback", request.organisation.slug)


def _about(code: str) -> About:
    try:
        return about(code)
    except KeyError:
        raise Http404 from None


def _sources(code: str, organisation_id: UUID) -> list[str]:
    if code not in {"differential", "red_flags"}:
        return []
    knowledge = engine_of(organisation_id).knowledge
    named = knowledge.sources.values() if code == "differential" else (flag.source for flag in knowledge.red_flags)
    return sorted(set(named))


def _named(request: MemberRequest, form: FeedbackForm) -> str:
    """Return the name of the condition that is spoken of, where it is one."""
    code = str(form["suggestion"].value() or "")
    condition = engine_of(request.organisation.pk).conditions.get(code)
    return condition.name if condition else ""
