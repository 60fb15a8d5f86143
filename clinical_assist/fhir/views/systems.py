"""The page on which administrators register programs that read records, and systems that call for decision support."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.fhir.forms import CallerForm, ProgramForm
from clinical_assist.fhir.server.clients import add_client, clients, remove_client
from clinical_assist.hooks.callers import add_caller, callers, remove_caller
from clinical_assist.models import FhirClient, HookCaller
from llmasos.accounts.permissions import MemberRequest, member_view


@require_http_methods(["GET", "HEAD", "POST"])
@member_view("administrator")
def systems(request: MemberRequest) -> HttpResponse:
    """List what is registered, with what its vendor has to know; POST registers one."""
    kind = request.POST.get("kind", "")
    program = ProgramForm(request.POST if kind == "program" else None, prefix="program")
    caller = CallerForm(request.POST if kind == "caller" else None, prefix="caller")
    known = callers(request.principal)
    # Looking at a form may ask for keys at an address: nothing is read before, so that no transaction waits for that.
    if kind == "program" and program.is_valid():
        add_client(request.principal, program.cleaned_data)
        messages.success(request, _("The program is registered."))
        return redirect("clinical_assist:systems", request.organisation.slug)
    if kind == "caller" and caller.is_valid():
        if known.filter(issuer=caller.cleaned_data["issuer"]).exists():
            caller.add_error("issuer", _("A system with this issuer is registered already."))
        else:
            add_caller(request.principal, caller.cleaned_data)
            messages.success(request, _("The system is registered."))
            return redirect("clinical_assist:systems", request.organisation.slug)
    context = {
        "program_form": program,
        "caller_form": caller,
        "programs": clients(request.principal),
        "callers": known,
        "fhir_base": _address(request, "fhir_metadata").removesuffix("/metadata"),
        "hooks_base": _address(request, "hook_services"),
    }
    status = 422 if program.errors or caller.errors else 200
    return render(request, "clinical_assist/fhir/systems.html", context, status=status)


@require_POST
@member_view("administrator")
def remove(request: MemberRequest, kind: str, system_id: UUID) -> HttpResponse:
    """Take a program or a system out at once."""
    take_out = {"program": remove_client, "caller": remove_caller}.get(kind)
    if take_out is None:
        raise Http404
    try:
        take_out(request.principal, system_id)
    except (FhirClient.DoesNotExist, HookCaller.DoesNotExist):
        raise Http404 from None
    messages.success(request, _("Taken out. Its tokens and calls are refused from now on."))
    return redirect("clinical_assist:systems", request.organisation.slug)


def _address(request: MemberRequest, name: str) -> str:
    return request.build_absolute_uri(reverse(f"clinical_assist:{name}", args=[request.organisation.slug]))
