"""The note of an encounter: its draft in a form that saves itself, or the signed text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.governance.switches import StoppedError, is_stopped
from clinical_assist.models import Encounter, Note, Patient
from clinical_assist.notes import queries, rewording, services
from clinical_assist.notes.errors import NoteConflictError, NoteError, UnopenedError
from clinical_assist.notes.forms import AddendumForm, written_of
from clinical_assist.notes.sections import NAMES, sections_of, sentences, unopened
from clinical_assist.notes.services import FUNCTION, SIGNED, Written, seen
from clinical_assist.notes.signing import review_note
from clinical_assist.record.access import encounter_for
from clinical_assist.record.pages import care_view, patient_page
from llmasos.accounts.permissions import MemberRequest

ACTS: Final = {
    "draft": services.make_draft,
    "follow": services.bring_up_to_date,
    "word": rewording.ask_wording,
    "withdraw": services.withdraw_draft,
    "take_back": services.take_back,
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@care_view
def note(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the note. POST saves its form, and marks it as reviewed when that was asked; JSON is answered to JSON."""
    encounter, patient, purpose = encounter_for(request.principal, encounter_id)
    if request.method == "POST":
        return _saved(request, encounter, patient)
    found = queries.note_of(request.organisation.pk, encounter)
    if found is not None:
        queries.record_reading(request.principal, found, purpose)
    return show(request, encounter, patient, found)


@require_POST
@care_view
def note_act(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Draft, begin by hand, follow the record, have it worded, withdraw, or take back."""
    wanted = request.POST.get("do", "")
    try:
        if wanted == "hand":
            services.make_draft(request.principal, encounter_id, by_hand=True)
        elif wanted in ACTS:
            ACTS[wanted](request.principal, encounter_id)
    except (NoteError, StoppedError) as error:
        messages.error(request, str(error))
    return redirect("clinical_assist:note", request.organisation.slug, encounter_id)


def show(
    request: MemberRequest,
    encounter: Encounter,
    patient: Patient,
    found: Note | None,
    *,
    written: Written | None = None,
    refusal: NoteError | None = None,
    addendum: AddendumForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a note as it stands."""
    context: dict[str, Any] = {
        "tab": "note",
        "note": found,
        "stopped": is_stopped(request.organisation.pk, FUNCTION),
        "refusal": refusal,
    }
    if found is None or found.withdrawn_at is not None:
        return patient_page(request, "clinical_assist/notes/none.html", encounter, context)
    context |= {"left": len(unopened(sections_of(found.sections), found.opened))}
    if found.state in SIGNED:
        context |= {
            "parts": queries.parts(found),
            "addenda": found.addenda.select_related("signed_by"),
            "form": addendum or AddendumForm(),
        }
        return patient_page(request, "clinical_assist/notes/signed.html", encounter, context, status=status)
    others = refusal.others if isinstance(refusal, NoteConflictError) else {}
    context |= {
        "parts": queries.parts(found, written, others),
        "unsaved": written is not None,
        "changes": queries.changes_of(found, patient),
        "since_review": queries.changes_since_review(found, patient),
        "pasted": written.pasted.text if written and written.pasted else found.pasted,
        "was_pasted": seen(found.pasted),
        "other_pasted": others.get("pasted"),
        "new_keys": {part: uuid4().hex for part in NAMES},
        "nothing": seen(""),
    }
    return patient_page(request, "clinical_assist/notes/draft.html", encounter, context, status=status)


def _saved(request: MemberRequest, encounter: Encounter, patient: Patient) -> HttpResponse:
    written = written_of(request.POST)
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        found = services.save_draft(request.principal, encounter.pk, written)
        if request.POST.get("then") == "review":
            found = review_note(request.principal, encounter.pk, revision=found.revision)
            messages.success(request, _("The note is reviewed. It can be signed."))
    except NoteError as error:
        if wants_json:
            return JsonResponse({"message": str(error)}, status=_status(error))
        present = queries.note_of(request.organisation.pk, encounter)
        unsaved = None if isinstance(error, UnopenedError) else written
        return show(request, encounter, patient, present, written=unsaved, refusal=error, status=_status(error))
    if wants_json:
        return JsonResponse(_stored(found))
    return redirect("clinical_assist:note", request.organisation.slug, encounter.pk)


def _status(error: NoteError) -> int:
    return 409 if isinstance(error, NoteConflictError) else 422


def _stored(found: Note) -> Mapping[str, Any]:
    """Return what the page needs to go on: the texts as they are saved, and their marks."""
    sections = sections_of(found.sections)
    texts = {one.key: one.text for one in sentences(sections)}
    return {
        "revision": found.revision,
        "saved_at": found.saved_at.isoformat(),
        "texts": texts,
        "was": {key: seen(text) for key, text in texts.items()} | {"pasted": seen(found.pasted)},
        "pasted": found.pasted,
        "left": len(unopened(sections, found.opened)),
        "wording": found.wording,
        "state": found.state,
    }
