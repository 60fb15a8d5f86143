"""What the organisation processes, read off the registered stores and the sections that packages add."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from llmasos.accounts.models import Organisation
from llmasos.privacy.queries import periods
from llmasos.privacy.registry import RecordSection, Store, record_sections, stores, subject_kinds


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the record, in words. ``things`` counts what is held now; None where nobody counts."""

    store: str
    label: str
    purpose: str
    categories: tuple[str, ...]
    subjects: tuple[str, ...]
    legal_basis: str
    recipients: tuple[str, ...]
    retention: str
    protection: str
    tables: tuple[str, ...]
    after_erasure: str
    things: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A further table: its headings, and its rows in their order."""

    label: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class RecordOfProcessing:
    organisation: str
    made_at: str
    activities: tuple[Activity, ...]
    tables: tuple[Table, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def record_of_processing(organisation: Organisation) -> RecordOfProcessing:
    """Return the record as it is now; inside ``acting_in``."""
    days = {period.retention_class.code: period.days for period in periods(organisation.pk)}
    return RecordOfProcessing(
        organisation=organisation.name,
        made_at=timezone.now().isoformat(timespec="seconds"),
        activities=tuple(_activity(organisation, store, days) for store in stores().values()),
        tables=tuple(_table(organisation, section) for section in record_sections()),
    )


def _activity(organisation: Organisation, store: Store, days: dict[str, int | None]) -> Activity:
    kinds = subject_kinds()
    everybody = "*" in store.subject_kinds
    return Activity(
        store=store.name,
        label=str(store.label),
        purpose=str(store.purpose),
        categories=tuple(str(category) for category in store.categories),
        subjects=tuple(str(kind.label) for code, kind in kinds.items() if everybody or code in store.subject_kinds),
        legal_basis=str(store.legal_basis),
        recipients=tuple(str(recipient) for recipient in store.recipients) or (_("Nobody outside"),),
        retention=_retention(store, days),
        protection=_protection(store),
        tables=store.tables,
        after_erasure=str(store.kept) or _("Nothing is left"),
        things=store.count(organisation.pk, None) if store.count else None,
    )


def _retention(store: Store, days: dict[str, int | None]) -> str:
    period = days.get(store.retention_class)
    if period is None:
        return _("Until the person is erased")
    return ngettext("%(days)d day", "%(days)d days", period) % {"days": period}


def _protection(store: Store) -> str:
    words = {
        "encrypted": _("Encrypted under the person’s own key; row-level security"),
        "row security": _("Row-level security of the database"),
        "sealed in transit": _("Sealed on the way, minutes long; row-level security"),
        "access rights": _("Access rights of the application"),
        "ids and digests": _("Ids and digests only; append-only"),
    }
    return words[store.protection]


def _table(organisation: Organisation, section: RecordSection) -> Table:
    return Table(
        label=str(section.label),
        headings=tuple(str(heading) for heading in section.columns.values()),
        rows=tuple(tuple(row.get(column, "") for column in section.columns) for row in section.rows(organisation.pk)),
    )
