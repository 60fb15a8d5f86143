from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import canonical
from llmasos.audit.errors import UnrecordableError, UnregisteredActionError
from llmasos.audit.models import Entry
from llmasos.audit.services import document_of, record
from llmasos.audit.types import PLATFORM, Actor, Ref

ACTOR = Actor("person", uuid4(), "administrator")


@pytest.mark.django_db
def test_an_entry_carries_the_digest_of_its_written_form(organisation: Organisation) -> None:
    with acting_in(organisation):
        entry_id = record(
            organisation_id=organisation.pk,
            actor=ACTOR,
            action="audit.read",
            object=Ref("log", organisation.pk),
            digests={"passages": [{"id": str(uuid4()), "digest": "ab" * 32}], "count": 3},
        )
        entry = Entry.objects.get(pk=entry_id)
    assert bytes(entry.digest) == canonical.entry_digest(document_of(entry))


@pytest.mark.django_db
def test_an_entry_goes_with_the_transaction_that_made_it(organisation: Organisation) -> None:
    with acting_in(organisation):
        before = Entry.objects.count()
        with transaction.atomic():
            record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read")
            transaction.set_rollback(True)
        assert Entry.objects.count() == before


@pytest.mark.django_db
def test_an_action_that_nobody_registered_is_refused(organisation: Organisation) -> None:
    with acting_in(organisation), pytest.raises(UnregisteredActionError):
        record(organisation_id=organisation.pk, actor=ACTOR, action="somebody.did_something")


@pytest.mark.parametrize(
    "digests",
    [
        {"name": "Ada Lovelace"},
        {"mail": "ada@example.org"},
        {"score": 0.5},
        {"passages": [{"text": "The parcel is late."}]},
        {"prompt": b"raw"},
        {"count": 2**60},
    ],
)
@pytest.mark.django_db
def test_text_and_fractions_do_not_enter_the_log(organisation: Organisation, digests: dict[str, object]) -> None:
    with acting_in(organisation), pytest.raises(UnrecordableError):
        record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read", digests=digests)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_an_entry_for_another_organisation_is_refused(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    with acting_in(organisation), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        record(organisation_id=other_organisation.pk, actor=ACTOR, action="audit.read")


@pytest.mark.django_db
def test_an_entry_of_the_installation_is_recorded_from_anywhere_and_hidden_from_organisations(
    organisation: Organisation,
) -> None:
    record(organisation_id=PLATFORM, actor=Actor("visitor"), action="audit.read")
    with acting_in(organisation):
        record(organisation_id=PLATFORM, actor=Actor("visitor"), action="audit.read")
        assert not Entry.objects.filter(organisation_id=PLATFORM).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET outcome = 'success'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "UPDATE audit_position SET seq = seq",
        "DELETE FROM audit_position",
        "TRUNCATE audit_position",
    ],
)
@pytest.mark.django_db
def test_the_application_cannot_change_the_log(organisation: Organisation, statement: str) -> None:
    with (
        acting_in(organisation),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
