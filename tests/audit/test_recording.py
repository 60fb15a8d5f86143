from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import canonical
from llmasos.audit.errors import UnrecordableError, UnregisteredActionError
from llmasos.audit.models import Entry
from llmasos.audit.services import document_of, record, record_if, recorded_together
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
def test_what_is_recorded_together_is_stored_at_once_at_the_end(organisation: Organisation) -> None:
    subject = Ref("learner", uuid4())
    with acting_in(organisation), CaptureQueriesContext(connection) as asked:
        with recorded_together():
            first = record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read", subject=subject)
            second = record(organisation_id=organisation.pk, actor=ACTOR, action="audit.read", subject=subject)
        assert len(asked) == 1
        assert set(Entry.objects.filter(subject_id=subject.id).values_list("pk", flat=True)) == {first, second}


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


def renamed(organisation: Organisation) -> bool:
    """Turn the organisation's pages to German, with an entry, if they are English."""
    return record_if(
        "UPDATE accounts_organisation SET language = 'de' WHERE slug = %(slug)s AND language = 'en' RETURNING id",
        {"slug": organisation.slug},
        organisation_id=organisation.pk,
        actor=ACTOR,
        action="audit.read",
        object=Ref("organisation", organisation.pk),
        digests={"output": "ab" * 32},
    )


def test_an_entry_comes_with_the_change_and_none_without_one(
    committed_database: str, organisation: Organisation
) -> None:
    with acting_in(organisation):
        before = Entry.objects.filter(action="audit.read").count()
    assert [renamed(organisation), renamed(organisation)] == [True, False]
    with acting_in(organisation):
        entries = list(Entry.objects.filter(action="audit.read").order_by("recorded_at"))
        assert Organisation.objects.get(pk=organisation.pk).language == "de"
    assert len(entries) == before + 1
    assert bytes(entries[-1].digest) == canonical.entry_digest(document_of(entries[-1]))


def test_a_change_whose_entry_is_refused_is_not_made(committed_database: str, organisation: Organisation) -> None:
    with pytest.raises(UnrecordableError):
        record_if(
            "UPDATE accounts_organisation SET language = 'de' RETURNING id",
            {},
            organisation_id=organisation.pk,
            actor=ACTOR,
            action="audit.read",
            object=Ref("organisation", organisation.pk),
            digests={"output": "a sentence of somebody's"},
        )
    with acting_in(organisation):
        assert Organisation.objects.get(pk=organisation.pk).language == "en"


@pytest.mark.django_db
def test_a_change_with_its_entry_is_a_transaction_of_its_own(organisation: Organisation) -> None:
    with acting_in(organisation), pytest.raises(RuntimeError):
        renamed(organisation)
