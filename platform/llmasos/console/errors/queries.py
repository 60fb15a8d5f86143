"""Failures of pages, tasks and runs as one list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from llmasos.console.names import Named, organisation_names
from llmasos.console.requests.queries import Row, Wanted, all_runs, own_runs
from llmasos.inference.models import RunState
from llmasos.runtime.problems import Problem, problems

ERRORS_SHOWN = 100
FAILED = Wanted(states=(RunState.FAILED,), period="week")


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong. ``what`` is an error's code or an exception's type; ``trace`` places in the code."""

    at: datetime
    request_id: str
    place: str
    what: str
    organisation: Named | None = None
    run: Row | None = None
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Failures:
    """What went wrong in the last week, newest first.

    ``complete`` is False while Valkey is away: then failures of pages and tasks are not known.
    """

    found: list[Failure]
    complete: bool = True


def own_failures(organisation_id: UUID, *, request_id: str = "") -> Failures:
    """Return what went wrong in one organisation; inside ``acting_in``. Where the code failed is for operators."""
    wanted = replace(FAILED, request_id=request_id, organisation_id=organisation_id)
    runs = own_runs(organisation_id, wanted, size=ERRORS_SHOWN).rows
    found = problems(organisation_id=organisation_id, request_id=request_id)
    if found is None:
        return Failures(_sorted(runs, (), {}), complete=False)
    return Failures(_sorted(runs, [replace(one, trace="") for one in found], {}))


def all_failures(*, request_id: str = "") -> Failures:
    """Return what went wrong in the installation, for operators."""
    runs = all_runs(replace(FAILED, request_id=request_id), size=ERRORS_SHOWN).rows
    found = problems(request_id=request_id)
    if found is None:
        return Failures(_sorted(runs, (), {}), complete=False)
    names = organisation_names(one.organisation for one in found if one.organisation is not None)
    return Failures(_sorted(runs, found, names))


def _sorted(runs: Iterable[Row], found: Iterable[Problem], names: dict[UUID, Named]) -> list[Failure]:
    failures = [_of_run(row) for row in runs]
    failures += [_of_problem(one, names) for one in found]
    return sorted(failures, key=lambda failure: failure.at, reverse=True)[:ERRORS_SHOWN]


def _of_run(row: Row) -> Failure:
    run = row.run
    return Failure(
        at=run.finished_at or run.created_at,
        request_id=run.request_id,
        place=f"{run.engine} · {run.kind}",
        what=run.error_code,
        organisation=row.organisation,
        run=row,
    )


def _of_problem(problem: Problem, names: dict[UUID, Named]) -> Failure:
    return Failure(
        at=datetime.fromtimestamp(problem.at, tz=UTC),
        request_id=problem.request_id,
        place=problem.place,
        what=problem.kind,
        organisation=names.get(problem.organisation) if problem.organisation is not None else None,
        trace=problem.trace,
    )
