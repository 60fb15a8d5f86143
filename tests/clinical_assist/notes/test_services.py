"""Drafting, writing together, following the record, withdrawing, reviewing, signing and adding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from clinical_assist.models import Intake
from clinical_assist.notes import services
from clinical_assist.notes.documents import digest, note_document
from clinical_assist.notes.errors import (
    NoNoteError,
    NoteConflictError,
    NoteError,
    NotProvedError,
    NotReviewedError,
    NotYoursToSignError,
    RecordChangedError,
    SignedError,
    UnopenedError,
    WrongPatientError,
)
from clinical_assist.notes.queries import changes_of, changes_since_review
from clinical_assist.notes.sections import Origin, Sentence, sections_of, sentences, unopened
from clinical_assist.notes.services import Field, Written, seen
from clinical_assist.notes.signing import add_addendum, review_note, sign_note
from clinical_assist.record.confirming import Confirmed
from clinical_assist.record.items import Allergy, Measurement, Medication, Problem
from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from clinical_assist.models import Note
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db

RIGHT = date(1958, 4, 2)


@pytest.fixture
def acting(clinic: Clinic) -> Iterator[None]:
    with acting_in(clinic.id):
        yield


@pytest.fixture
def note(clinic: Clinic, acting: None) -> Note:
    """A draft of a patient with an allergy and a medicine."""
    clinic.item("allergy", Allergy(name="Penicillin", reaction="rash"))
    clinic.item("medication", Medication(name="Metformin", dose_text="500 mg twice a day"))
    return services.make_draft(clinic.principal(), clinic.encounter.pk)


def all_of(note: Note) -> list[Sentence]:
    return list(sentences(sections_of(note.sections)))


def starting(note: Note, words: str) -> Sentence:
    return next(one for one in all_of(note) if one.text.startswith(words))


def written(sentence: Sentence, text: str) -> Written:
    return Written(texts={sentence.key: Field(text, seen(sentence.text))})


def save(clinic: Clinic, what: Written) -> Note:
    return services.save_draft(clinic.principal(), clinic.encounter.pk, what)


def opened(clinic: Clinic, note: Note) -> Note:
    return save(clinic, Written(opened=frozenset(one.key for one in all_of(note) if one.must_open)))


def reviewed(clinic: Clinic, note: Note) -> Note:
    note = opened(clinic, note)
    return review_note(clinic.principal(), clinic.encounter.pk, revision=note.revision)


def confirmed(**known: Any) -> Confirmed:
    return Confirmed(**{"birth_date": RIGHT, "family_name": "", "proved_at": timezone.now(), **known})


def sign(clinic: Clinic, note: Note, **known: Any) -> Note:
    return sign_note(clinic.principal(), clinic.encounter.pk, confirmed(**known), revision=note.revision)


def log(action: str) -> list[Any]:
    from llmasos.audit.models import Entry

    return list(Entry.objects.filter(action=action).order_by("recorded_at"))


def test_a_draft_says_what_the_record_holds(note: Note) -> None:
    assert starting(note, "Allergy: Penicillin; reaction: rash.").origin is Origin.RECORD
    assert starting(note, "Medication: Metformin; 500 mg twice a day.").sources[0].kind == "medication"
    assert starting(note, "Marsh, Ada Ruth; number H-20418; female; born 1958-04-02; age ")


def test_asking_again_keeps_the_draft(clinic: Clinic, note: Note) -> None:
    assert services.make_draft(clinic.principal(), clinic.encounter.pk).revision == note.revision


def test_what_a_clinician_writes_is_marked_as_theirs(clinic: Clinic, note: Note) -> None:
    saved = save(clinic, written(starting(note, "Reason"), "Cough for three weeks."))
    assert starting(saved, "Cough for").origin is Origin.HAND


def test_the_drafts_own_words_written_again_are_nobodys(clinic: Clinic, note: Note) -> None:
    changed = starting(save(clinic, written(starting(note, "Reason"), "Cough.")), "Cough.")
    saved = save(clinic, written(changed, changed.drafted))
    assert starting(saved, "Reason").origin is Origin.RECORD


def test_an_emptied_sentence_is_left_out_and_comes_back(clinic: Clinic, note: Note) -> None:
    reason = starting(note, "Reason")
    saved = save(clinic, written(reason, ""))
    left_out = next(one for one in all_of(saved) if one.key == reason.key)
    assert (left_out.text, left_out.proposed) == ("", reason.text)
    assert starting(save(clinic, written(left_out, reason.text)), "Reason").own is None


def test_a_new_sentence_keeps_its_key_while_it_is_written(clinic: Clinic, note: Note) -> None:
    for text in ("Follow", "Follow up in a week."):
        before = "" if text == "Follow" else "Follow"
        saved = save(clinic, Written(texts={"k" * 16: Field(text, seen(before))}, added={"k" * 16: "plan"}))
    assert [one.text for one in sections_of(saved.sections)["plan"]] == ["Follow up in a week."]


def test_pasted_text_stays_word_for_word(clinic: Clinic, note: Note) -> None:
    text = "\n  dictated:  cough\n\n"
    assert save(clinic, Written(pasted=Field(text, seen("")))).pasted == text


def test_two_people_on_different_sentences_both_keep_theirs(clinic: Clinic, note: Note) -> None:
    save(clinic, written(starting(note, "Reason"), "First."))
    saved = save(clinic, written(starting(note, "Medication"), "Second."))
    assert {"First.", "Second."} <= {one.text for one in all_of(saved)}


def test_two_people_on_one_sentence_are_told_and_nothing_is_overwritten(clinic: Clinic, note: Note) -> None:
    reason = starting(note, "Reason")
    save(clinic, written(reason, "First."))
    with pytest.raises(NoteConflictError) as refused:
        save(clinic, written(reason, "Second."))
    assert refused.value.others == {reason.key: "First."}


def test_a_repeated_save_has_one_effect(clinic: Clinic, note: Note) -> None:
    what = written(starting(note, "Reason"), "First.")
    assert save(clinic, what).revision == save(clinic, what).revision


def test_what_was_typed_into_a_sentence_that_went_meanwhile_is_not_lost(clinic: Clinic, note: Note) -> None:
    gone = Sentence(key="f" * 16, drafted="Gone.")
    what = Written(texts={gone.key: Field("Typed.", seen("Gone."))}, added={gone.key: "subjective"})
    assert starting(save(clinic, what), "Typed.")


def test_the_draft_follows_the_record_and_leaves_written_words_alone(clinic: Clinic, note: Note) -> None:
    save(clinic, written(starting(note, "Medication"), "Takes metformin most days."))
    value = Measurement(name="HbA1c", measure="hba1c", value=7.2, unit="%", on=timezone.localdate().isoformat())
    clinic.item("laboratory", value)
    followed = services.bring_up_to_date(clinic.principal(), clinic.encounter.pk)
    assert starting(followed, "Laboratory")
    assert starting(followed, "Takes metformin most days.")


def test_a_sentence_that_says_something_else_now_has_to_be_opened_again(clinic: Clinic, note: Note) -> None:
    opened(clinic, note)
    clinic.patient.sex = "male"
    clinic.patient.save()
    followed = services.bring_up_to_date(clinic.principal(), clinic.encounter.pk)
    assert [one.risk for one in unopened(sections_of(followed.sections), followed.opened)] == ["identity"]


def test_a_medicine_that_left_the_record_leaves_the_draft(clinic: Clinic, note: Note) -> None:
    from clinical_assist.models import RecordItem

    RecordItem.objects.filter(kind="medication").update(entered_in_error=True)
    followed = services.bring_up_to_date(clinic.principal(), clinic.encounter.pk)
    assert starting(followed, "Medication: none recorded.")


def test_what_came_after_a_finished_visit_is_not_in_its_note(clinic: Clinic, acting: None) -> None:
    clinic.encounter.state, clinic.encounter.starts_at = "closed", timezone.now() - timedelta(days=9)
    clinic.encounter.save()
    for days in (20, 2):
        on = (timezone.localdate() - timedelta(days=days)).isoformat()
        clinic.item("problem", Problem(name=f"Fall {days} days ago", on=on))
    note = services.make_draft(clinic.principal(), clinic.encounter.pk)
    assert starting(note, "Problem: Fall 20 days ago")
    assert not any("Fall 2 days ago" in one.text for one in all_of(note))


def test_findings_are_named_in_the_readers_language_and_none_is_dropped(clinic: Clinic, acting: None) -> None:
    owned = {"organisation": clinic.organisation, "patient": clinic.patient, "encounter": clinic.encounter}
    Intake.objects.create(**owned, findings={"cough": "present", "no_longer_known": "absent"})
    with translation.override("zh-hans"):
        note = services.make_draft(clinic.principal(), clinic.encounter.pk)
    found = [one.text for one in all_of(note) if one.risk == "finding"]
    assert ("咳嗽" in found[0], "no longer known" in found[1]) == (True, True)


def test_a_draft_that_is_up_to_date_has_no_changes_in_any_language(clinic: Clinic, note: Note) -> None:
    with translation.override("zh-hans"):
        assert not changes_of(note, clinic.patient)


def test_a_withdrawn_draft_is_not_written_in_and_comes_back_whole(clinic: Clinic, note: Note) -> None:
    what = written(starting(note, "Reason"), "First.")
    services.withdraw_draft(clinic.principal(), clinic.encounter.pk)
    with pytest.raises(NoNoteError):
        save(clinic, what)
    back = services.take_back(clinic.principal(), clinic.encounter.pk)
    assert all_of(back) == all_of(note)


def test_a_stopped_function_drafts_nothing_and_leaves_writing_by_hand(clinic: Clinic, acting: None) -> None:
    from clinical_assist.governance.switches import StoppedError, stop

    stop(clinic.principal(clinic.administrator), "note", "Wrong units seen.")
    with pytest.raises(StoppedError):
        services.make_draft(clinic.principal(), clinic.encounter.pk)
    assert all_of(services.make_draft(clinic.principal(), clinic.encounter.pk, by_hand=True)) == []


def test_marked_sentences_have_to_be_opened_before_reviewing(clinic: Clinic, note: Note) -> None:
    with pytest.raises(UnopenedError) as refused:
        review_note(clinic.principal(), clinic.encounter.pk, revision=note.revision)
    assert len(refused.value.keys) == 3


def test_a_change_after_reviewing_asks_for_another_review(clinic: Clinic, note: Note) -> None:
    note = reviewed(clinic, note)
    note = save(clinic, written(starting(note, "Reason"), "Another."))
    with pytest.raises(NotReviewedError):
        sign(clinic, note)


def test_what_changed_in_the_record_since_reviewing_is_said_and_asks_for_another_review(
    clinic: Clinic, note: Note
) -> None:
    note = reviewed(clinic, note)
    clinic.item("medication", Medication(name="Warfarin"))
    with pytest.raises(RecordChangedError):
        sign(clinic, note)
    assert [one.drafted for one in changes_since_review(note, clinic.patient).added] == ["Medication: Warfarin."]
    review_note(clinic.principal(), clinic.encounter.pk, revision=note.revision)
    assert sign(clinic, note).state == "signed"


def test_signing_needs_the_opened_sentences_too(clinic: Clinic, note: Note) -> None:
    note = reviewed(clinic, note)
    type(note).objects.filter(pk=note.pk).update(opened=[])
    with pytest.raises(UnopenedError):
        sign(clinic, note)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"birth_date": date(1958, 4, 3)}, WrongPatientError),
        ({"birth_date": None, "family_name": "Marsh"}, WrongPatientError),
        ({"proved_at": None}, NotProvedError),
        ({"proved_at": timezone.now() - timedelta(hours=1)}, NotProvedError),
    ],
)
def test_a_signature_needs_the_right_patient_and_a_fresh_proof(
    clinic: Clinic, note: Note, typed: dict[str, Any], error: type[NoteError]
) -> None:
    note = reviewed(clinic, note)
    with pytest.raises(error):
        sign(clinic, note, **typed)


def test_a_patient_without_a_day_of_birth_is_confirmed_by_name(clinic: Clinic, note: Note) -> None:
    type(clinic.patient).objects.filter(pk=clinic.patient.pk).update(birth_date=None)
    note = reviewed(clinic, services.bring_up_to_date(clinic.principal(), clinic.encounter.pk))
    assert sign(clinic, note, birth_date=None, family_name=" marsh ").state == "signed"


def test_a_note_is_signed_as_it_was_read(clinic: Clinic, note: Note) -> None:
    note = reviewed(clinic, note)
    with pytest.raises(NoteConflictError):
        sign(clinic, replace_revision(note, -1))


def replace_revision(note: Note, by: int) -> Any:
    return SimpleNamespace(revision=note.revision + by)


def test_emergency_access_does_not_sign(clinic: Clinic, note: Note, monkeypatch: pytest.MonkeyPatch) -> None:
    from clinical_assist.record import access

    note = reviewed(clinic, note)
    monkeypatch.setattr(access, "allows", lambda *_whom: True)
    with pytest.raises(NotYoursToSignError):
        sign_note(clinic.principal(clinic.colleague), clinic.encounter.pk, confirmed(), revision=note.revision)


def test_the_digest_of_a_signed_note_is_in_the_log_without_its_words(clinic: Clinic, note: Note) -> None:
    signed = sign(clinic, reviewed(clinic, note))
    signed.refresh_from_db()
    entry = log("clinical.note_signed")[0]
    assert entry.digests["note"] == signed.digest == digest(note_document(signed))
    assert "Penicillin" not in str(entry.digests)
    assert signed.reviewed_record is None


def test_signed_text_is_frozen_in_the_database(clinic: Clinic, note: Note) -> None:
    signed = sign(clinic, reviewed(clinic, note))
    changes_of_text: tuple[dict[str, Any], ...] = (
        {"pasted": "x"}, {"sections": {}}, {"state": "draft"}, {"digest": ""}, {"opened": []}, {"signed_at": None},
    )  # fmt: skip
    for change in changes_of_text:
        signed.refresh_from_db()
        for name, value in change.items():
            setattr(signed, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            signed.save()


def test_a_signed_note_takes_no_changes_and_no_withdrawal(clinic: Clinic, note: Note) -> None:
    signed = sign(clinic, reviewed(clinic, note))
    with pytest.raises(SignedError):
        save(clinic, written(starting(signed, "Reason"), "Other."))
    with pytest.raises(SignedError):
        services.withdraw_draft(clinic.principal(), clinic.encounter.pk)


def test_what_comes_later_is_an_addendum_with_its_own_signature(clinic: Clinic, note: Note) -> None:
    signed = sign(clinic, reviewed(clinic, note))
    before = signed.digest
    for text in ("The culture grew nothing.", "Called the patient."):
        add_addendum(clinic.principal(), clinic.encounter.pk, text, proved_at=timezone.now())
    signed.refresh_from_db()
    assert (signed.state, signed.digest, signed.addenda.count()) == ("amended", before, 2)
    assert len({entry.digests["addendum"] for entry in log("clinical.note_amended")}) == 2


def test_a_draft_takes_no_addendum(clinic: Clinic, note: Note) -> None:
    with pytest.raises(NoteError, match="not signed"):
        add_addendum(clinic.principal(), clinic.encounter.pk, "More.", proved_at=timezone.now())
