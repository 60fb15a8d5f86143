"""The policy of de-identification, and a preview of what it does to a text."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy.deidentification import permissions, queries, services
from llmasos.privacy.deidentification.forms import PolicyForm, PreviewForm
from llmasos.privacy.deidentification.locating import NotLocatedError
from llmasos.privacy.deidentification.transforming import Deidentified, Treatment
from llmasos.privacy.deidentification.types import EntityType


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as the page shows it. ``before`` is text of the preview and goes nowhere else."""

    before: str = field(repr=False)
    after: str = field(repr=False)
    label: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the preview's own text, with its finding where it is one."""

    text: str = field(repr=False)
    found: Found | None = None


@never_cache
@member_view(*permissions.READERS)
def policy(request: MemberRequest) -> HttpResponse:
    return _page(request)


@never_cache
@member_view(Role.ADMINISTRATOR)
@require_POST
def set_policy(request: MemberRequest) -> HttpResponse:
    form = PolicyForm(request.POST, rules=queries.current_rules(request.organisation.pk))
    if form.is_valid():
        try:
            made = services.set_policy(
                request.principal,
                treatments=form.treatments,
                threshold=form.cleaned_data["threshold"],
                protects_outside=form.cleaned_data["protects_outside"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("Version %(version)s of the policy holds from now on.") % {"version": made.version}
            )
            return redirect("deidentification:policy", request.organisation.slug)
    return _page(request, form=form, status=422)


@never_cache
@member_view(*permissions.READERS)
@require_POST
def preview(request: MemberRequest) -> HttpResponse:
    """Show what is found in a text, and what would stand in its place. Only that it was tried is recorded."""
    form = PreviewForm(request.POST)
    context: dict[str, object] = {}
    if form.is_valid():
        record(
            organisation_id=request.organisation.pk,
            actor=request.principal.actor,
            action="deidentification.preview",
            object=Ref("deidentification_policy", None),
        )
        try:
            result = services.deidentify(request.principal, form.cleaned_data["text"])
        except NotLocatedError:
            context["failure"] = _("No models worker answered. Try again in a moment.")
        else:
            context |= _shown(form.cleaned_data["text"], result)
    status = 422 if form.errors else 503 if "failure" in context else 200
    context["form"] = form
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "deidentification/result.html", context, status=200)
    return _page(request, preview_form=form, status=status, extra=context)


def _page(
    request: MemberRequest,
    *,
    form: PolicyForm | None = None,
    preview_form: PreviewForm | None = None,
    status: int = 200,
    extra: dict[str, object] | None = None,
) -> HttpResponse:
    rules = queries.current_rules(request.organisation.pk)
    treatments = dict(Treatment.choices)
    context = {
        **(extra or {}),
        "rules": rules,
        "rows": [(kind.label, treatments[rules.treatment(kind.value)]) for kind in EntityType],
        "may_change": permissions.may_change(request.principal),
        "policy_form": form or PolicyForm(rules=rules),
        "preview_form": preview_form or PreviewForm(),
        "versions": queries.versions(request.organisation.pk),
    }
    return render(request, "deidentification/policy.html", context, status=status)


def _shown(text: str, result: Deidentified) -> dict[str, object]:
    parts: list[Part] = []
    end = 0
    for piece in result.pieces:
        one = piece.finding
        if one is None:
            continue
        parts.append(Part(text[end : one.start]))
        found = Found(text[one.start : one.end], piece.text, str(one.type.label), one.rule, one.score)
        parts.append(Part(found.before, found))
        end = one.end
    parts.append(Part(text[end:]))
    return {"parts": parts, "result": result.text, "found": [part.found for part in parts if part.found is not None]}
