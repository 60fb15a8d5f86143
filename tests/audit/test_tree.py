from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import merkle, tree
from llmasos.audit.models import Node, Position
from llmasos.audit.services import sequence_entries
from tests.audit.logs import fill

SIZE = 4_200
# What the sequencer does with long stretches, short ones and single entries.
STRETCHES = [1, 62, 1, 1, 63, 64, 65, 128, 129, 2_000]


@pytest.fixture
def leaves(organisation: Organisation) -> list[bytes]:
    """A log of 4,200 positions, made by the sequencer in stretches of many lengths; its leaves."""
    with acting_in(organisation), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (id, organisation_id, actor_kind, actor_role, action, subject_kind, object_kind,"
            " purpose, outcome, recorded_at, request_id, digests, digest)"
            " SELECT gen_random_uuid(), %s, '', '', 'audit.read', '', '', '', 'success', now(), '', '{}',"
            " sha256(n::text::bytea) FROM generate_series(1, %s) AS n",
            [organisation.pk, SIZE],
        )
    for limit in STRETCHES:
        sequence_entries(organisation.pk, limit=limit)
    while sequence_entries(organisation.pk):
        pass
    with acting_in(organisation):
        return [bytes(leaf) for leaf in Position.objects.order_by("seq").values_list("leaf_hash", flat=True)]


def root(leaves: list[bytes]) -> bytes:
    compact = merkle.CompactRange()
    for leaf in leaves:
        compact.append(leaf)
    return compact.root()


def expected_nodes(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    compact = merkle.CompactRange()
    return {
        (level, index): node
        for leaf in leaves
        for level, index, node in compact.grow(leaf)
        if level and level % tree.STEP == 0
    }


def stored_nodes(organisation: Organisation) -> dict[tuple[int, int], bytes]:
    with acting_in(organisation):
        return {(node.level, node.index): bytes(node.hash) for node in Node.objects.all()}


def test_the_sequencer_stores_the_complete_subtrees(organisation: Organisation, leaves: list[bytes]) -> None:
    assert stored_nodes(organisation) == expected_nodes(leaves)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_proofs_hold_at_every_size(organisation: Organisation, leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZE))
    first, seq = data.draw(st.integers(0, size)), data.draw(st.integers(1, size))
    proof = tree.inclusion_proof(organisation.pk, seq, size)
    whole = root(leaves[:size])
    assert tree.root_at(organisation.pk, size) == whole
    assert merkle.verify_inclusion(leaf=leaves[seq - 1], index=seq - 1, size=size, proof=proof, root=whole)
    assert merkle.verify_consistency(
        first=first,
        second=size,
        first_root=root(leaves[:first]),
        second_root=whole,
        proof=tree.consistency_proof(organisation.pk, first, size),
    )


def test_a_proof_reads_a_few_stretches_of_the_log(
    organisation: Organisation, leaves: list[bytes], django_assert_max_num_queries: object
) -> None:
    # One for all of them; the others open the transaction and its scope, and close them.
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        tree.inclusion_proof(organisation.pk, 1_000, SIZE)


def test_a_root_of_more_than_the_log_holds_is_refused(organisation: Organisation, leaves: list[bytes]) -> None:
    with pytest.raises(tree.MissingLeafError, match="no entry 4201"):
        tree.root_at(organisation.pk, SIZE + 1)


@pytest.mark.parametrize("statement", ["UPDATE audit_node SET hash = ''", "DELETE FROM audit_node"])
def test_the_application_may_not_change_stored_hashes(organisation: Organisation, statement: str) -> None:
    with (
        acting_in(organisation),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.usefixtures("committed_database")
def test_the_database_denies_changes_also_to_the_owner(organisation: Organisation) -> None:
    fill(organisation.pk, 64)
    with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE audit_node SET hash = ''")


@pytest.mark.usefixtures("committed_database")
def test_proofs_of_a_log_without_stored_hashes_are_the_same(organisation: Organisation, leaves: list[bytes]) -> None:
    remove_nodes()
    proof = tree.inclusion_proof(organisation.pk, 1_000, SIZE)
    assert merkle.verify_inclusion(leaf=leaves[999], index=999, size=SIZE, proof=proof, root=root(leaves))


@pytest.mark.usefixtures("committed_database")
def test_the_migration_fills_logs_that_exist_already(organisation: Organisation, leaves: list[bytes]) -> None:
    remove_nodes()
    migration = import_module("llmasos.audit.migrations.0003_node")
    with connections["owner"].schema_editor() as editor:
        migration.fill(apps, editor)
    assert stored_nodes(organisation) == expected_nodes(leaves)


@pytest.mark.usefixtures("committed_database")
def test_the_sequencer_goes_on_where_stored_hashes_are_missing(organisation: Organisation, leaves: list[bytes]) -> None:
    remove_nodes()
    fill(organisation.pk, 64 - SIZE % 64)
    with acting_in(organisation):
        whole = [bytes(leaf) for leaf in Position.objects.order_by("seq").values_list("leaf_hash", flat=True)]
    assert tree.root_at(organisation.pk, len(whole)) == root(whole)


def remove_nodes() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_node DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_node")
        cursor.execute("ALTER TABLE audit_node ENABLE TRIGGER USER")
