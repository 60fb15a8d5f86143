"""Tenancy: one organisation's rows are reachable only inside ``acting_in(organisation)``.

The first wall is the query (``Model.objects.for_organisation(...)``), the second is PostgreSQL's
row-level security: each tenant table has a policy that compares its organisation with the setting
``llmasos.organisation``, which ``acting_in`` sets for one transaction. A forgotten filter then
returns nothing of anybody else's; outside ``acting_in`` it returns nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.migrations.operations.base import Operation

from llmasos.runtime.database import send_with_next

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

    from llmasos.accounts.models import Organisation

ModelType_co = TypeVar("ModelType_co", bound=models.Model, covariant=True)


class OrganisationMismatchError(RuntimeError):
    """Code that acts in one organisation tried to act in another."""


def organisation_id_of(organisation: Organisation | UUID) -> UUID:
    return organisation if isinstance(organisation, UUID) else organisation.pk


def current_organisation_id() -> UUID | None:
    """Return the organisation that this connection acts in, or None outside ``acting_in``."""
    return getattr(connection, "llmasos_organisation", None)


def kept_while_acting() -> dict[str, Any] | None:
    """Return a mapping that lives as long as the outermost ``acting_in``, None outside of one.

    What is read often and must not change within a unit of work is kept there by its reader.
    """
    return getattr(connection, "llmasos_kept", None)


@contextmanager
def acting_in(organisation: Organisation | UUID) -> Iterator[None]:
    """Open a transaction whose row-level security admits one organisation.

    Nested calls for the same organisation join as savepoints; another organisation raises
    ``OrganisationMismatchError``, since one transaction must never see two tenants.
    """
    wanted = organisation_id_of(organisation)
    present = current_organisation_id()
    if present is not None:
        if present != wanted:
            raise OrganisationMismatchError(f"acting in {present}, asked for {wanted}")
        with transaction.atomic():
            yield
        return
    with transaction.atomic():
        send_with_next(f"SELECT set_config('llmasos.organisation', '{wanted}', true)")
        connection.llmasos_organisation = wanted  # type: ignore[attr-defined]
        connection.llmasos_kept = {}  # type: ignore[attr-defined]
        try:
            yield
        finally:
            connection.llmasos_organisation = None  # type: ignore[attr-defined]
            connection.llmasos_kept = None  # type: ignore[attr-defined]
            # Inside an outer transaction (a test, a command) the setting would outlive this block.
            if connection.in_atomic_block and connection.savepoint_ids and not connection.needs_rollback:
                send_with_next("SELECT set_config('llmasos.organisation', '', true)")


class OrganisationQuerySet(models.QuerySet[ModelType_co]):
    def for_organisation(self, organisation: Organisation | UUID) -> Self:
        return self.filter(organisation_id=organisation_id_of(organisation))


class OrganisationOwned(models.Model):
    """A row that belongs to one organisation; its migration adds ``EnableRowSecurity``."""

    organisation = models.ForeignKey("accounts.Organisation", models.CASCADE, related_name="+")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        abstract = True


CURRENT_ORGANISATION_SQL = "NULLIF(current_setting('llmasos.organisation', true), '')::uuid"


class EnableRowSecurity(Operation):
    """Turn on row-level security for one model's table.

    ``column`` holds the organisation's id. The table's owner is exempt (migrations, named
    SECURITY DEFINER functions); the application's role is not.
    """

    reversible = True

    def __init__(self, model_name: str, *, column: str = "organisation_id") -> None:
        self.model_name = model_name
        self.column = column

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.model_name], {"column": self.column})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Row security is no part of Django's model state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = schema_editor.quote_name(to_state.apps.get_model(app_label, self.model_name)._meta.db_table)
        column = schema_editor.quote_name(self.column)
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        schema_editor.execute(
            f"CREATE POLICY organisation ON {table} USING ({column} = {CURRENT_ORGANISATION_SQL})"
            f" WITH CHECK ({column} = {CURRENT_ORGANISATION_SQL})"
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = schema_editor.quote_name(from_state.apps.get_model(app_label, self.model_name)._meta.db_table)
        schema_editor.execute(f"DROP POLICY organisation ON {table}")
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")

    def describe(self) -> str:
        return f"Enable row-level security on {self.model_name}"
