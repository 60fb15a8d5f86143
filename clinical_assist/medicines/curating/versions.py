"""Tables of medicines as content that is proposed and reviewed, and what a change of them would do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.governance.versions.differences import differences
from clinical_assist.governance.versions.kinds import ContentError, Kind, Tables
from clinical_assist.governance.versions.queries import current_content
from clinical_assist.medicines import columns, reading
from clinical_assist.medicines.columns import Document, Row
from clinical_assist.medicines.curating import expected
from clinical_assist.medicines.curating.labels import label_of
from clinical_assist.medicines.library import using
from clinical_assist.medicines.types import Library, MedicineError
from clinical_assist.models import KnowledgeVersion
from clinical_assist.ordersets import versions as order_sets
from clinical_assist.plans.problems import names_of_problems


@cache
def built_in() -> str:
    """The content of the tables that come with the application."""
    return columns.written(columns.built_in())


def for_comparison(content: str) -> Tables:
    """Return the rows of a content by table and code, without their empty fields. Raises ContentError."""
    return {
        table: {code: {column: text for column, text in row.items() if text} for code, row in rows.items()}
        for table, rows in document(content).items()
    }


def document(content: str) -> Document:
    """Return the tables of a content, held to be consistent. Raises ContentError."""
    _library(content)
    return columns.parsed(content)[1]


def with_rows(present: str, rows: Mapping[str, Mapping[str, Row | None]]) -> str:
    """Return a content in which rows, by table and code, are others; None takes one out.

    Raises:
        FaultyTablesError: with every row that is wrong.
    """
    base, tables = columns.parsed(present)
    changed = {table: dict(of) for table, of in tables.items()}
    for table, of in rows.items():
        for code, row in of.items():
            if row is None:
                changed[table].pop(code, None)
            else:
                changed[table][code] = row
    faults = [*_faults(changed), *_unread_problems(changed)]
    if faults:
        raise reading.FaultyTablesError(dict.fromkeys(faults))
    return columns.written(changed, base)


def lacking(present: str) -> Document:
    """Return the rules that came with later versions of the application's tables than a content was made from.

    What a content made from the latest version does not have was taken out on purpose.
    """
    base, tables = columns.parsed(present)
    if base == columns.VERSION:
        return {}
    shipped = columns.built_in()
    rules = {
        table: {code: row for code, row in shipped[table].items() if code not in tables[table]}
        for table in columns.RULES
    }
    return {table: rows for table, rows in rules.items() if rows}


def with_lacking(present: str) -> str:
    """Return a content with the rules that it lacks and the sources that they name. Raises ContentError."""
    _base, tables = columns.parsed(present)
    rules = lacking(present)
    named = {row["source"] for rows in rules.values() for row in rows.values()} - set(tables["sources"])
    sources = {code: columns.built_in()["sources"][code] for code in named}
    try:
        content = with_rows(present, {**rules, "sources": sources})
    except reading.FaultyTablesError as error:
        raise ContentError(str(error)) from error
    return columns.written(columns.parsed(content)[1])


def carried(content: str, base: str, present: str) -> str:
    """Return what is in use with the fields that a content changes in its base. Raises ContentError."""
    _base, now = columns.parsed(present)
    _base, tables = columns.parsed(content)
    rows: dict[str, dict[str, Row | None]] = {}
    for one in differences(for_comparison(base), for_comparison(content)):
        row = {**tables[one.table].get(one.code, {}), **now[one.table].get(one.code, {})}
        changed = {change.field: change.after or "" for change in one.changes}
        rows.setdefault(one.table, {})[one.code] = None if one.how == "removed" else {**row, **changed}
    try:
        return with_rows(present, rows)
    except reading.FaultyTablesError as error:
        raise ContentError(str(error)) from error


def measured(content: str, present: str) -> Mapping[str, Any]:
    """Hold the list of pairs and reactions against a content and against what is in use."""
    return expected.effect(reading.read(content), reading.read(present))


def require_fitting(organisation_id: UUID, content: str) -> None:
    """Hold the order sets in use against a content: their doses must be in its ranges; inside ``acting_in``.

    Raises:
        ContentError: naming the first line of the order sets that would hold no more.
    """
    with using(_library(content)):
        try:
            order_sets.read(current_content(organisation_id, KnowledgeVersion.Kind.ORDERSETS))
        except ContentError as error:
            said = _("The order sets in use do not go with it. %(error)s Change them first.")
            raise ContentError(said % {"error": error}) from error


def _library(content: str) -> Library:
    try:
        return reading.read(content)
    except MedicineError as error:
        raise ContentError(str(error)) from error


def _faults(tables: Document) -> tuple[reading.Fault, ...]:
    try:
        reading.build(tables)
    except reading.FaultyTablesError as error:
        return error.faults
    return ()


def _unread_problems(tables: Document) -> list[reading.Fault]:
    """Problems that no record is read for: such a row would never warn."""
    known = names_of_problems()
    said = _("No record is read for the problem “%(name)s”: it would never warn.")
    return [
        reading.Fault("medicines", code, "problems", said % {"name": name})
        for code, row in tables["medicines"].items()
        for name in (one.strip().rstrip("!") for one in row.get("problems", "").split(";"))
        if name and name not in known
    ]


KIND = Kind(
    code=KnowledgeVersion.Kind.MEDICINES,
    built_in=built_in,
    tables=for_comparison,
    curate="clinical_assist:medicines_curate",
    measure=measured,
    stacks=True,
    carried=carried,
    label=label_of,
    figures="clinical_assist/medicines/effect.html",
    require_fitting=require_fitting,
)
