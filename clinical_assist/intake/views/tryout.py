"""Intake and differential without a patient: the case is in the form alone, and nothing of it is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinical_assist.differential.model import Person
from clinical_assist.governance.pages import running
from clinical_assist.governance.switches import is_stopped
from clinical_assist.intake.case import (
    HAND,
    LONGEST_TEXT,
    NOTHING_READ,
    STATES,
    TEXT,
    Case,
    changed,
    question,
    read_states,
    red_flags,
    rows,
)
from clinical_assist.intake.engine import Engine, engine_of
from clinical_assist.intake.options import shown
from clinical_assist.intake.views.reading import answered, chosen_states
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record

_OLDEST = 130


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@running("differential")
def differential(request: MemberRequest) -> HttpResponse:
    """Read a text, let its findings be corrected, and show options with their reasons once they are asked for."""
    engine = engine_of(request.organisation.pk)
    case = _posted(request.POST, engine, reads=not is_stopped(request.organisation.pk, "recognition"))
    context: dict[str, Any] = {
        "case": case,
        "rows": rows(case, engine),
        "states": STATES,
        "flags": red_flags(case, engine),
        "question": question(case, engine),
        "knowledge": engine.knowledge,
        "typed": request.POST,
        "problems": _problems(request.POST),
        "own": request.POST.get("own", "").strip()[:LONGEST_TEXT],
        "revealed": bool(request.POST.get("reveal")),
    }
    if case.findings and context["revealed"]:
        found = shown(case, engine)
        context["shown"] = found
        record(
            organisation_id=request.organisation.pk,
            actor=request.principal.actor,
            action="clinical.differential_shown",
            digests={
                "knowledge": engine.knowledge.digest,
                "findings": len(case.findings),
                "options": [one.condition.code for one in found.options],
                "outside": found.assessment.outside,
            },
        )
    part = request.headers.get("HX-Target") == "case"
    return render(request, "clinical_assist/differential/" + ("case.html" if part else "page.html"), context)


def _posted(data: QueryDict, engine: Engine, *, reads: bool) -> Case:
    """Read the form. A text that was changed is read again; what was set by hand stays. One too long is not read."""
    text = data.get("text", "").strip()
    text = text if len(text) <= LONGEST_TEXT else ""
    earlier = data.get("read_before", "")[:LONGEST_TEXT]
    age = _age(data.get("age", ""))
    read = engine.recogniser.recognise(text, age=age) if reads else NOTHING_READ
    before_read = read if earlier == text or not reads else engine.recogniser.recognise(earlier, age=age)
    from_text = read_states(before_read)
    states = chosen_states(data, engine)
    sex = data.get("sex", "")
    person = Person(age if age is not None else read.age, sex if sex in {"male", "female"} else read.sex)
    origins = {code: TEXT if from_text.get(code) == state else HAND for code, state in states.items()}
    before = Case(person, earlier, states, origins, before_read)
    return changed(before, text=text, chosen={}, asked=answered(data), read=read, known=engine)


def _problems(data: QueryDict) -> dict[str, str]:
    """What of the form was not used, by field, and what to do; it stays as it was typed."""
    problems = {}
    if len(data.get("text", "").strip()) > LONGEST_TEXT:
        problems["text"] = _("The text is longer than %(count)s characters.") % {"count": LONGEST_TEXT}
    age = data.get("age", "").strip()
    if age and _age(age) is None:
        problems["age"] = _("Give the age in years, from 0 to %(oldest)s.") % {"oldest": _OLDEST}
    return problems


def _age(written: str) -> float | None:
    try:
        age = float(written.replace(",", "."))
    except ValueError:
        return None
    return age if 0 <= age <= _OLDEST else None
