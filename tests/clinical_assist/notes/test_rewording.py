"""A model words what may be worded. What the record does not bear out is dropped, and the drafted sentence stays."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from clinical_assist.models import Intake, Note
from clinical_assist.notes import rewording, services
from clinical_assist.notes.sections import Origin, sections_of, sentences
from clinical_assist.notes.services import Field, Written, seen
from llmasos.accounts.tenancy import acting_in
from llmasos.inference.errors import ModelUnavailable

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
TOLD = "The cough started three weeks ago, and it is worse at night."
WORDED = "Cough started three weeks ago, is worse at night."


@pytest.fixture
def asked(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Note:
    """A draft with one told sentence, for which wording was asked."""
    monkeypatch.setattr(rewording, "_publish", lambda *_ids: None)
    with acting_in(clinic.id):
        Intake.objects.create(
            organisation=clinic.organisation, patient=clinic.patient, encounter=clinic.encounter, text=TOLD
        )
        services.make_draft(clinic.principal(), clinic.encounter.pk)
        return rewording.ask_wording(clinic.principal(), clinic.encounter.pk)


def says(text: str) -> Callable[..., Any]:
    return lambda *_request: SimpleNamespace(text=text, model="wordy", model_digest="w" * 64)


def worded(clinic: Clinic, note: Note, monkeypatch: pytest.MonkeyPatch, chat: Callable[..., Any]) -> Note:
    monkeypatch.setattr("llmasos.inference.services.chat", chat)
    rewording.word(clinic.id, note.pk)
    with acting_in(clinic.id):
        return Note.objects.get()


def texts(note: Note) -> dict[str, Origin]:
    return {one.text: one.origin for one in sentences(sections_of(note.sections))}


def test_a_sentence_that_the_record_bears_out_takes_the_drafts_place(
    clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = worded(clinic, asked, monkeypatch, says(WORDED))
    assert (texts(note)[WORDED], note.wording, note.model_digest) == (Origin.MODEL, "done", "w" * 64)


@pytest.mark.parametrize(
    "invented",
    [
        "Cough started four weeks ago, is worse at night.",
        "Cough started three weeks ago, is not worse at night.",
        "The patient smokes twenty cigarettes a day.",
    ],
)
def test_an_invented_sentence_is_dropped(
    clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch, invented: str
) -> None:
    note = worded(clinic, asked, monkeypatch, says(invented))
    assert invented not in texts(note)
    assert texts(note)[TOLD] is Origin.RECORD


def test_a_worded_sentence_has_to_be_opened(clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch) -> None:
    note = worded(clinic, asked, monkeypatch, says(WORDED))
    assert next(one for one in sentences(sections_of(note.sections)) if one.text == WORDED).must_open


def test_identity_allergies_and_medicines_never_reach_the_model(
    clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def listening(_principal: Any, request: Any) -> Any:
        told.extend(message.content for message in request.messages)
        return says("")()

    worded(clinic, asked, monkeypatch, listening)
    assert TOLD in "".join(told)
    assert not any(word in "".join(told) for word in ("Marsh", "Allergies", "Medication"))


def test_without_a_model_the_draft_stays(clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_request: Any) -> Any:
        raise ModelUnavailable("away")

    note = worded(clinic, asked, monkeypatch, away)
    assert (note.wording, texts(note)[TOLD]) == ("away", Origin.RECORD)


def test_what_somebody_wrote_while_the_model_did_stays(
    clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = next(one for one in sentences(sections_of(asked.sections)) if one.text == TOLD)

    def meanwhile(*_request: Any) -> Any:
        mine = Written(texts={one.key: Field("Mine.", seen(TOLD))})
        services.save_draft(clinic.principal(), clinic.encounter.pk, mine)
        return says(WORDED)()

    note = worded(clinic, asked, monkeypatch, meanwhile)
    assert texts(note)["Mine."] is Origin.HAND


def test_a_function_that_was_stopped_meanwhile_words_nothing(
    clinic: Clinic, asked: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinical_assist.governance.switches import stop

    stop(clinic.principal(clinic.administrator), "note", "Being looked at")
    note = worded(clinic, asked, monkeypatch, says(WORDED))
    assert WORDED not in texts(note)
    assert note.wording == "away"
