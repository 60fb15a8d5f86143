"""What opens a transaction travels with its first statement, and blocks still hold what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from psycopg.pq import TransactionStatus

from llmasos.accounts.models import Membership, Person
from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from llmasos.accounts.models import Organisation


@pytest.fixture
def notes(db: None) -> None:
    """A table of this connection's own."""
    ask("CREATE TEMP TABLE notes (n int PRIMARY KEY, words text) ON COMMIT DROP")


def ask(statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def note(*numbers: int) -> None:
    for number in numbers:
        with transaction.atomic():
            ask("INSERT INTO notes VALUES (%s)", [number])


def noted() -> list[int]:
    return [row[0] for row in ask("SELECT n FROM notes ORDER BY n")]


def test_a_block_that_asks_nothing_opens_no_transaction(committed_database: str) -> None:
    connection.ensure_connection()
    with transaction.atomic(), transaction.atomic():
        assert connection.connection.info.transaction_status == TransactionStatus.IDLE


def test_what_a_block_wrote_is_there_when_it_ends(committed_database: str) -> None:
    with transaction.atomic(), transaction.atomic():
        Person.objects.create_user("ada@shop.example", None, name="Ada")
    connection.close()
    assert Person.objects.filter(email="ada@shop.example").exists()


def test_what_a_failed_block_wrote_is_gone(committed_database: str) -> None:
    def make(share: int) -> None:
        with transaction.atomic():
            Person.objects.create_user("ada@shop.example", None, name="Ada")
            assert 1 / share

    with pytest.raises(ZeroDivisionError):
        make(0)
    assert not Person.objects.exists()


def test_a_failed_inner_block_takes_only_its_own_writes(notes: None) -> None:
    with transaction.atomic():
        note(1)
        with pytest.raises(IntegrityError), transaction.atomic():
            note(2, 3, 1)
        note(4)
    assert noted() == [1, 4]


def test_an_inner_block_whose_first_statement_is_refused_leaves_the_outer_one_whole(notes: None) -> None:
    with transaction.atomic():
        ask("INSERT INTO notes VALUES (1)")
        with pytest.raises(IntegrityError), transaction.atomic():
            ask("INSERT INTO notes VALUES (1)")
        ask("INSERT INTO notes VALUES (2)")
    assert noted() == [1, 2]


def test_an_inner_block_that_fails_before_its_first_statement_leaves_the_outer_one_whole(notes: None) -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        ask("INSERT INTO notes VALUES (1)")
    assert noted() == [1]


def test_a_value_that_cannot_be_sent_spoils_only_its_own_block(notes: None) -> None:
    with transaction.atomic():
        with pytest.raises(DataError, match="NUL"), transaction.atomic():
            ask("INSERT INTO notes VALUES (1, %s)", ["a\0"])
        ask("INSERT INTO notes VALUES (2)")
    assert noted() == [2]


def test_a_swallowed_error_is_told_at_the_end_of_its_block(notes: None) -> None:
    with transaction.atomic():
        with pytest.raises(DatabaseError, match="aborted"), transaction.atomic(), pytest.raises(IntegrityError):
            ask("INSERT INTO notes VALUES (1), (1)")
        ask("INSERT INTO notes VALUES (2)")
    assert noted() == [2]


def test_a_first_statement_that_cannot_be_read_leaves_no_transaction_half_open(committed_database: str) -> None:
    with transaction.atomic():
        with pytest.raises(DatabaseError):
            ask("INSERT the impossible")
        Person.objects.create_user("ada@shop.example", None, name="Ada")
    assert Person.objects.exists()


def test_first_statements_of_every_kind_see_the_organisation(owner: Person, organisation: Organisation) -> None:
    members = Membership.objects.for_organisation(organisation)
    with acting_in(organisation):
        assert [member.person_id for member in members.iterator()] == [owner.pk]
    with acting_in(organisation), connection.cursor() as cursor:
        cursor.executemany("SELECT set_config('llmasos.test', current_setting('llmasos.organisation'), true)", [[]])
    assert ask("SELECT current_setting('llmasos.test')") == [(str(organisation.pk),)]
    copied = "COPY (SELECT current_setting('llmasos.organisation')) TO STDOUT"
    with acting_in(organisation), connection.cursor() as cursor, cursor.copy(copied) as copy:
        assert list(copy.rows()) == [(str(organisation.pk),)]
