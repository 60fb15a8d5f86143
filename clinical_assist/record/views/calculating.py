"""Calculators filled from a patient's record."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from clinical_assist.calculators.forms import CalculatorForm
from clinical_assist.calculators.registry import CALCULATORS
from clinical_assist.record.access import patient_for, subject
from clinical_assist.record.filling import fill
from clinical_assist.record.pages import care_view, patient_page
from clinical_assist.record.queries import summary
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def patient_calculator(request: MemberRequest, patient_id: UUID, name: str) -> HttpResponse:
    """Show a calculator with the record's values and their days; POST computes with what stands in the form."""
    calculator = CALCULATORS.get(name)
    if calculator is None:
        raise Http404
    patient, _purpose = patient_for(request.principal, patient_id)
    read = summary(request.principal, patient)
    filled = fill(calculator, read)
    form = CalculatorForm(calculator, request.POST or None)
    form.initial = {one.input.name: one.text for one in filled.given}
    result = None
    if form.is_valid():
        result = form.result
        record(
            organisation_id=request.organisation.pk,
            actor=request.principal.actor,
            action="clinical.calculated",
            subject=subject(patient.pk),
            purpose=read.purpose,
            digests={"calculator": calculator.name, "version": calculator.version},
        )
    labels = {one.name: one.label for one in calculator.inputs}
    context = {
        "summary": read,
        "calculator": calculator,
        "form": form,
        "filled": filled,
        "result": result,
        "assumed": [labels[one] for one in result.assumed] if result else [],
    }
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/patient/calculator.html", read.patient, context, status=status)
