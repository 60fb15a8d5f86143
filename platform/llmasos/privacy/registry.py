"""The stores of personal data that the installation has. Packages register theirs in ``AppConfig.ready``.

Erasure, export, retention and the record of processing all walk this list: what is not registered is not
found, so a test holds the list against the database's tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from llmasos.audit.types import Ref

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

JSON = Any
Protection = Literal["encrypted", "row security", "sealed in transit", "access rights", "ids and digests"]


@dataclass(frozen=True, slots=True)
class Store:
    """One place that holds personal data, and how the privacy services reach it.

    ``name`` is namespaced ("support.messages"); ``tables`` are the database tables it covers; ``retention_class``
    is a class of ``register_retention_class`` (empty: kept while the subject is known). All callables but ``forget``
    run inside ``acting_in(organisation_id)``, in one transaction a store:

    - ``erase`` removes everything of the subject and returns how many things; it must be repeatable;
    - ``export`` returns what the store holds of the subject, as JSON objects;
    - ``expire`` removes what is older than the moment and returns how many, leaving alone the subjects in the set
      (those under a legal hold); ``due`` counts what it would remove;
    - ``count`` returns how many things the store holds of the subject, or of everybody without one;
    - ``forget`` clears what is outside the database (streams, caches, files). It is called before ``erase``, while
      the rows still say what there is, outside any transaction, and again when an interrupted erasure goes on.

    ``kept`` says what stays after an erasure, and why, where something does (digests that prove what happened).
    ``order``: lower ones are erased first; a store whose rows say what belongs to the subject elsewhere goes last.
    """

    name: str
    label: StrOrPromise
    purpose: StrOrPromise
    categories: tuple[StrOrPromise, ...]
    legal_basis: StrOrPromise
    protection: Protection
    subject_kinds: tuple[str, ...]
    erase: Callable[[UUID, Ref], int]
    export: Callable[[UUID, Ref], list[dict[str, JSON]]]
    retention_class: str = ""
    recipients: tuple[StrOrPromise, ...] = ()
    tables: tuple[str, ...] = ()
    expire: Callable[[UUID, datetime, frozenset[Ref]], int] | None = None
    due: Callable[[UUID, datetime, frozenset[Ref]], int] | None = None
    count: Callable[[UUID, Ref | None], int] | None = None
    forget: Callable[[UUID, Ref], int] | None = None
    kept: StrOrPromise = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """How long a class of data is kept by default, and the shortest period that may be set (days).

    ``days`` None keeps it until the subject is erased or a person decides. ``reason`` says where the period comes
    from.
    """

    code: str
    label: StrOrPromise
    days: int | None
    reason: StrOrPromise
    minimum_days: int = 1


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """A kind of person whose data is held, with what names one for people ("Visitor 4f2a…").

    ``exists`` says whether the organisation knows the subject; ``protected`` gives the reason why it cannot be
    erased now, for people, else "".
    """

    kind: str
    label: StrOrPromise
    exists: Callable[[UUID, UUID], bool]
    protected: Callable[[UUID, UUID], str] | None = None


_stores: dict[str, Store] = {}
_classes: dict[str, RetentionClass] = {}
_kinds: dict[str, SubjectKind] = {}


def register_store(store: Store) -> Store:
    """Make a store known. Registering another one under the same name is an error."""
    known = _stores.setdefault(store.name, store)
    if known.erase is not store.erase:
        raise ValueError(f"A store named {store.name!r} is registered already.")
    return known


def register_retention_class(retention_class: RetentionClass) -> RetentionClass:
    """Make a class known. Registering it again with another period is an error."""
    known = _classes.setdefault(retention_class.code, retention_class)
    if (known.days, known.minimum_days) != (retention_class.days, retention_class.minimum_days):
        raise ValueError(f"A retention class named {retention_class.code!r} is registered already.")
    return known


def register_subject_kind(kind: SubjectKind) -> SubjectKind:
    """Make a kind of subject known. Registering it again is an error, except by the same package."""
    known = _kinds.setdefault(kind.kind, kind)
    if known.exists is not kind.exists:
        raise ValueError(f"The subject kind {kind.kind!r} is registered already.")
    return known


def stores() -> Mapping[str, Store]:
    """Return all stores by name, in the order in which they are erased."""
    return dict(sorted(_stores.items(), key=lambda item: (item[1].order, item[0])))


def stores_of(kind: str) -> tuple[Store, ...]:
    """Return the stores that may hold data of a kind of subject, in the order in which they are erased."""
    return tuple(store for store in stores().values() if kind in store.subject_kinds or "*" in store.subject_kinds)


def retention_classes() -> Mapping[str, RetentionClass]:
    """Return all classes by code."""
    return dict(sorted(_classes.items()))


def subject_kinds() -> Mapping[str, SubjectKind]:
    """Return all kinds of subjects by code."""
    return dict(sorted(_kinds.items()))


@dataclass(frozen=True, slots=True)
class RecordSection:
    """A further table of the record of processing, such as the models in use: ``rows`` gives dicts of the columns.

    ``columns`` maps the keys of a row to their headings, in order.
    """

    code: str
    label: StrOrPromise
    columns: Mapping[str, StrOrPromise]
    rows: Callable[[UUID], list[dict[str, str]]]


_sections: dict[str, RecordSection] = {}


def register_record_section(section: RecordSection) -> None:
    """Add a table to the record of processing."""
    _sections[section.code] = section


def record_sections() -> tuple[RecordSection, ...]:
    """Return the further tables by code."""
    return tuple(section for _code, section in sorted(_sections.items()))
