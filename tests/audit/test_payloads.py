from __future__ import annotations

from uuid import uuid4

import pytest

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.errors import UnrecordableError
from llmasos.audit.models import Entry, Payload
from llmasos.audit.payloads import Json
from llmasos.audit.queries import payload_of
from llmasos.audit.services import record, remove_payloads
from llmasos.audit.types import Actor, Ref
from llmasos.vault.errors import KeyDestroyedError
from llmasos.vault.services import destroy_key

TEXT: dict[str, Json] = {"reason": "Die Patientin bat darum.", "shown": [1, 2]}
ACTOR = Actor("person", uuid4(), "clinician")


def _recorded(organisation: Organisation, subject: Ref) -> Entry:
    entry_id = record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read", subject=subject, payload=TEXT)
    return Entry.objects.get(pk=entry_id)


@pytest.mark.django_db
def test_a_payload_is_read_back_and_unreadable_in_the_database(organisation: Organisation) -> None:
    with acting_in(organisation):
        entry = _recorded(organisation, Ref("patient", uuid4()))
        assert payload_of(entry) == TEXT
        assert b"Patientin" not in bytes(Payload.objects.get(entry=entry).ciphertext)
        assert "Patientin" not in str(entry.digests)


@pytest.mark.django_db
def test_nothing_reads_a_payload_after_the_subject_s_key_is_destroyed(organisation: Organisation) -> None:
    subject = Ref("patient", uuid4())
    assert subject.id is not None
    with acting_in(organisation):
        entry = _recorded(organisation, subject)
        destroy_key(organisation_id=organisation.pk, subject_kind=subject.kind, subject_id=subject.id)
        with pytest.raises(KeyDestroyedError):
            payload_of(entry)


@pytest.mark.django_db
def test_a_removal_takes_one_subject_s_payloads_and_is_recorded(organisation: Organisation) -> None:
    leaver, stayer = Ref("patient", uuid4()), Ref("patient", uuid4())
    with acting_in(organisation):
        gone, kept = _recorded(organisation, leaver), _recorded(organisation, stayer)
        assert remove_payloads(organisation_id=organisation.pk, actor=ACTOR, subject=leaver) == 1
        assert (payload_of(gone), payload_of(kept)) == (None, TEXT)
        assert Entry.objects.get(action="audit.payloads_removed").subject_id == leaver.id


@pytest.mark.django_db
def test_a_payload_needs_a_subject(organisation: Organisation) -> None:
    with acting_in(organisation), pytest.raises(UnrecordableError):
        record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read", payload=TEXT)


@pytest.mark.django_db
def test_the_payload_s_digest_cannot_be_given(organisation: Organisation) -> None:
    with acting_in(organisation), pytest.raises(UnrecordableError):
        record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read", digests={"payload": "ab"})
