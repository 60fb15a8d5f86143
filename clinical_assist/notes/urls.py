"""Addresses of notes. Nothing of a patient stands in them but ids."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from clinical_assist.notes.views.note import note, note_act
from clinical_assist.notes.views.papers import handout, pdf, prescription, proof
from clinical_assist.notes.views.signing import addendum, sign

_ENCOUNTER: Final = "o/<slug:slug>/clinical/encounters/<uuid:encounter_id>/"
_NOTE: Final = f"{_ENCOUNTER}note/"

urlpatterns: list[URLPattern] = [
    path(_NOTE, note, name="note"),
    path(f"{_NOTE}act/", note_act, name="note_act"),
    path(f"{_NOTE}sign/", sign, name="note_sign"),
    path(f"{_NOTE}addendum/", addendum, name="note_addendum"),
    path(f"{_NOTE}pdf/", pdf, name="note_pdf"),
    path(f"{_NOTE}proof/", proof, name="note_proof"),
    path(f"{_ENCOUNTER}prescription/", prescription, name="prescription"),
    path(f"{_ENCOUNTER}hand-out/", handout, name="handout"),
]
