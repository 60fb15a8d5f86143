"""What leaves on paper or as a file: the PDF, the prescription draft, the hand-out, and the proof of a signature."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import reportlab
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from clinical_assist.notes import services
from clinical_assist.notes.errors import NoteError
from clinical_assist.notes.pdf import note_pdf
from clinical_assist.notes.proof import note_proof
from clinical_assist.notes.sections import sections_of, sentences
from clinical_assist.notes.services import Field, Written, seen
from clinical_assist.notes.signing import add_addendum, review_note, sign_note
from clinical_assist.record.confirming import Confirmed
from clinical_assist.record.items import Allergy
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints
from llmasos.audit.services import sequence_all
from llmasos.audit.standalone import llmasos_verify

if TYPE_CHECKING:
    from clinical_assist.models import Note
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(clinic: Clinic) -> Note:
    """A signed note with a sentence in Chinese and an addendum."""
    from clinical_assist.models import Note

    clinic.item("allergy", Allergy(name="Penicillin", reaction="rash"))
    who, where = clinic.principal(), clinic.encounter.pk
    with acting_in(clinic.id):
        note = services.make_draft(who, where)
        opened = frozenset(one.key for one in sentences(sections_of(note.sections)) if one.must_open)
        said = {"a" * 16: Field("患者咳嗽三周，SpO₂ ≥ 95 %。", seen(""))}
        note = services.save_draft(who, where, Written(texts=said, added={"a" * 16: "subjective"}, opened=opened))
        review_note(who, where, revision=note.revision)
        sign_note(who, where, Confirmed(date(1958, 4, 2), "", timezone.now()), revision=note.revision)
        add_addendum(who, where, "Culture sterile.", proved_at=timezone.now())
        return Note.objects.select_related("signed_by", "encounter").get()


def read(clinic: Clinic, note: Note) -> list[str]:
    with acting_in(clinic.id):
        content = note_pdf(note, clinic.patient, list(note.addenda.select_related("signed_by")))
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_the_pdf_says_what_was_signed_by_whom_with_its_digest(clinic: Clinic, signed: Note) -> None:
    text = "".join(read(clinic, signed))
    for part in ("Penicillin", signed.digest, "Culture sterile.", "Page 1 of 1", "Research software"):
        assert part in text


def test_chinese_stays_text_in_the_pdf(clinic: Clinic, signed: Note) -> None:
    assert "患者咳嗽三周" in "".join(read(clinic, signed)).replace("\n", "")


def test_signs_that_change_a_value_need_no_font_of_the_viewer(clinic: Clinic, signed: Note) -> None:
    assert re.search(r"SpO2\s*≥ 95 %", "".join(read(clinic, signed)))


@pytest.mark.parametrize(("chosen", "embedded"), [("Vera.ttf", True), ("nowhere.ttf", False)])
def test_a_font_of_the_machine_is_put_into_the_pdf(clinic: Clinic, signed: Note, chosen: str, embedded: bool) -> None:
    fonts = Path(reportlab.__file__).parent / "fonts"
    with override_settings(PDF_FONT=str(fonts / chosen)), acting_in(clinic.id):
        content = note_pdf(signed, clinic.patient, [])
    assert (b"/FontFile2" in content, b"STSong" in content) == (embedded, not embedded)


def test_every_page_of_a_long_note_names_the_patient(clinic: Clinic, signed: Note) -> None:
    sections = sections_of(signed.sections)
    long = [replace(sections["subjective"][0], key=str(n), own=f"Line {n}. " * 20) for n in range(60)]
    signed.sections = {**signed.sections, "plan": [one.as_dict() for one in long]}
    pages = read(clinic, signed)
    assert len(pages) > 2
    assert all("Marsh, Ada Ruth" in page and f"of {len(pages)}" in page for page in pages)


def test_the_same_note_gives_the_same_pdf(clinic: Clinic, signed: Note) -> None:
    with acting_in(clinic.id):
        assert note_pdf(signed, clinic.patient, []) == note_pdf(signed, clinic.patient, [])


@pytest.fixture
def planned(clinic: Clinic) -> Clinic:
    """A plan with a medicine, advice, and advice when to get help at once."""
    from clinical_assist.models import PlanDraft, PlanLine

    owned = {"organisation": clinic.organisation, "patient": clinic.patient}
    lines: tuple[tuple[str, dict[str, Any]], ...] = (
        ("medicine", {"text": "amoxicillin 500 mg three times a day", "days": 5}),
        ("advice", {"text": "Drink enough"}),
        ("advice", {"text": "Come back at once with blue lips", "urgent": True}),
        ("referral", {"text": "To hospital with a CRB-65 of 2", "urgent": True}),
    )
    with acting_in(clinic.id):
        plan = PlanDraft.objects.create(**owned, encounter=clinic.encounter)
        for position, (kind, content) in enumerate(lines):
            PlanLine.objects.create(**owned, plan=plan, kind=kind, origin="hand", position=position, content=content)
    return clinic


def page(client: Client, clinic: Clinic, name: str) -> str:
    client.force_login(clinic.doctor)
    address = reverse(f"clinical_assist:{name}", args=[clinic.organisation.slug, clinic.encounter.pk])
    return client.get(address).content.decode()


def test_a_prescription_draft_says_that_it_is_none(client: Client, planned: Clinic) -> None:
    text = page(client, planned, "prescription")
    assert "amoxicillin 500 mg three times a day" in text
    assert "DRAFT. Not a prescription" in text
    assert "Allergies: not known" in text


def test_the_hand_out_says_when_to_get_help_and_leaves_out_what_is_for_clinicians(
    client: Client, planned: Clinic
) -> None:
    text = page(client, planned, "handout")
    assert text.index("Get help at once") < text.index("blue lips") < text.index("Your medicines")
    assert "CRB-65" not in text


def test_a_medicine_that_an_allergy_stops_since_it_was_written_is_not_printed(client: Client, clinic: Clinic) -> None:
    from clinical_assist.plans.services import write

    write(clinic.principal(), clinic.encounter.pk, "medicine", "amoxicillin 500 mg three times a day")
    assert "amoxicillin" in page(client, clinic, "prescription")
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    sheet = page(client, clinic, "prescription")
    assert ("amoxicillin" in sheet, "1 order of the plan is stopped by an alert" in sheet) == (False, True)
    assert "amoxicillin" not in page(client, clinic, "handout")


def test_papers_spell_out_how_often_and_say_what_was_overridden(client: Client, clinic: Clinic) -> None:
    from clinical_assist.plans.queries import signed_and_draft_lines
    from clinical_assist.plans.services import override, write

    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    given = (clinic.principal(), clinic.encounter.pk)
    write(*given, "medicine", "amoxicillin 500 mg tds")
    with acting_in(clinic.id):
        line = signed_and_draft_lines(clinic.patient)[0]
    why = "Tested by an allergist in May."
    override(*given, line.id, line.alerts[0].key, "expert-contradicts", why, expected=line.line.revision)
    sheet = page(client, clinic, "prescription")
    assert "amoxicillin 500 mg three times a day" in sheet
    assert f"A specialist advised otherwise: “{why}”" in sheet
    assert "H-20418" in sheet
    told = page(client, clinic, "handout")
    assert "amoxicillin 500 mg three times a day" in told
    assert why not in told


def test_a_medicine_of_the_plan_is_in_the_note_with_how_long(planned: Clinic) -> None:
    with acting_in(planned.id):
        note = services.make_draft(planned.principal(), planned.encounter.pk)
    plan = sections_of(note.sections)["plan"]
    assert (plan[0].text, plan[0].risk) == ("amoxicillin 500 mg three times a day; for 5 days.", "medication")


def test_a_proof_verifies_offline_and_binds_the_words(
    clinic: Clinic, signed: Note, tmp_path: Path, signing: None
) -> None:
    sequence_all()
    checkpoints.make(clinic.id)
    with zipfile.ZipFile(io.BytesIO(note_proof(clinic.principal(), clinic.encounter.pk))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "proof.jsonl").write_bytes(files["proof.jsonl"])
    command = [sys.executable, llmasos_verify.__file__, str(tmp_path / "proof.jsonl"), "--json"]
    assert json.loads(subprocess.run(command, capture_output=True, check=False).stdout)["ok"]
    for name in ("note.json", "addendum-1.json"):
        assert sha256(files[name]).hexdigest().encode() in files["proof.jsonl"]


def test_a_signature_without_a_checkpoint_has_no_proof_yet(clinic: Clinic, signed: Note, signing: None) -> None:
    with pytest.raises(NoteError, match="checkpoint"):
        note_proof(clinic.principal(), clinic.encounter.pk)


@pytest.fixture
def signing(tmp_path: Path) -> Iterator[None]:
    with override_settings(CHECKPOINT_KEY_FOLDER=tmp_path / "keys", CHECKPOINT_FOLDER=tmp_path / "outside"):
        yield


def test_the_evaluation_counts_sentences_without_a_source(planned: Clinic, tmp_path: Path) -> None:
    from clinical_assist.evaluation.notes import NotesEvaluator

    out = tmp_path / "notes.jsonl"
    options = {"organisation": planned.organisation.slug, "most": 5, "language": "en", "out": out, "generation": False}
    said = NotesEvaluator().evaluate(options, lambda _text: None)
    assert (said["n"], said["unsupported_shown"], said["without_source"]) == (1, 0, 0)
    written = json.loads(out.read_text())
    assert all(one["citations"] for one in written["sentences"])
    assert len(written["sentences"]) == said["shown"]


def test_a_sentence_that_its_source_does_not_bear_out_is_counted(planned: Clinic) -> None:
    from clinical_assist.evaluation.notes import Drafted, figures

    with acting_in(planned.id):
        note = services.make_draft(planned.principal(), planned.encounter.pk)
    sections = sections_of(note.sections)
    sections["plan"][0] = replace(sections["plan"][0], worded="Ibuprofen 400 mg twice a day.")
    assert figures([Drafted(planned.encounter.pk, sections)], seconds=1)["unsupported_shown"] == 1
