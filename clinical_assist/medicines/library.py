"""Which tables of medicines hold: those of the organisation that is acted in, or what comes with the application."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Final
from uuid import UUID

from clinical_assist.medicines import columns
from clinical_assist.medicines.reading import build, read
from clinical_assist.medicines.types import Library
from clinical_assist.models import KnowledgeVersion
from llmasos.accounts.tenancy import current_organisation_id, kept_while_acting

_KEPT: Final = "medicines"
_chosen: ContextVar[Library | None] = ContextVar("medicines", default=None)


def library() -> Library:
    """Return the tables that hold here.

    Inside ``acting_in`` they are those that the organisation put in use, the same to the end of the unit of work;
    outside of it, and where nothing was put in use, what comes with the application.
    """
    if (chosen := _chosen.get()) is not None:
        return chosen
    organisation_id, kept = current_organisation_id(), kept_while_acting()
    if organisation_id is None or kept is None:
        return built_in()
    if _KEPT not in kept:
        kept[_KEPT] = _in_use(organisation_id)
    found: Library = kept[_KEPT]
    return found


@contextmanager
def using(tables: Library) -> Iterator[None]:
    """Let everything that reads the tables read these, to see what they would do."""
    token = _chosen.set(tables)
    try:
        yield
    finally:
        _chosen.reset(token)


@functools.cache
def built_in() -> Library:
    """Return the tables that come with the application. Raises MedicineError when they are not consistent."""
    return replace(build(columns.built_in()), version=columns.VERSION, changes=columns.changes())


def _in_use(organisation_id: UUID) -> Library:
    rows = KnowledgeVersion.objects.for_organisation(organisation_id).filter(
        kind=KnowledgeVersion.Kind.MEDICINES, state=KnowledgeVersion.State.ACTIVE
    )
    version_id = rows.values_list("pk", flat=True).first()
    return built_in() if version_id is None else _of_version(organisation_id, version_id)


@functools.lru_cache(maxsize=16)
def _of_version(organisation_id: UUID, version_id: UUID) -> Library:
    """What a version holds never changes, so that it is read once a process."""
    version = KnowledgeVersion.objects.for_organisation(organisation_id).get(pk=version_id)
    found = read(version.content)
    return replace(found, version=f"{found.version}, local {version.number}")
