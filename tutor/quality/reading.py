"""What the quality pages show, for whoever marks in the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from llmasos.accounts.principals import Principal
from tutor.marking.access import FIRST_MARKERS, assignment_for, question_for
from tutor.models import Assignment, Mark
from tutor.quality import figures
from tutor.quality.figures import Agreement, Band, Bin, Estimate
from tutor.quality.gathering import Gathered, Pairs, gather
from tutor.quality.items import AssignmentFigures, analyse


@dataclass(frozen=True, slots=True)
class Week:
    """The marks of a week, from ``start`` (a Monday): how many agree, and by how many points proposals are higher."""

    start: date
    exact: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Compared:
    """Proposals against one kind of marks. ``hidden``: fewer than ten pairs, so no figure is given."""

    pairs: Pairs
    hidden: bool
    agreement: Agreement
    bands: tuple[Band, ...]
    coverage: tuple[tuple[float, Estimate], ...]
    bins: tuple[Bin, ...]
    calibration_error: float | None
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class QuestionQuality:
    """The figures of one question. ``people`` compares first and second marks; None under ten of them."""

    gathered: Gathered
    independent: Compared
    seen: Compared
    people: Agreement | None
    overrides: tuple[tuple[str, int], ...]


def question_quality(principal: Principal, question_id: UUID) -> QuestionQuality:
    """Return how proposals and marks of a question agree.

    Raises:
        NotFoundError, PermissionDenied: second markers see no proposals, so they see no figures of them either.
    """
    found = gather(question_for(principal, question_id, *FIRST_MARKERS))
    people = None
    if len(found.twice) >= figures.FEWEST:
        firsts, seconds = zip(*found.twice, strict=True)
        people = figures.agreement(firsts, seconds, step=found.step)
    labels = dict(Mark.OverrideReason.choices)
    counts = sorted(found.overrides.items(), key=lambda one: (-one[1], one[0]))
    return QuestionQuality(
        gathered=found,
        independent=_compared(found, found.independent),
        seen=_compared(found, found.seen),
        people=people,
        overrides=tuple((str(labels.get(code, code)), count) for code, count in counts),
    )


def assignment_quality(principal: Principal, assignment_id: UUID) -> tuple[Assignment, AssignmentFigures]:
    """Return an assignment and how its questions work. Raises as ``question_quality``."""
    assignment = assignment_for(principal, assignment_id, *FIRST_MARKERS)
    return assignment, analyse(assignment)


def _compared(found: Gathered, given: Pairs) -> Compared:
    proposed = [one.proposed for one in given.pairs]
    marks = [one.given for one in given.pairs]
    agreed, sure = [one.agrees for one in given.pairs], [one.confidence for one in given.pairs]
    bins = tuple(figures.calibration(agreed, sure))
    return Compared(
        pairs=given,
        hidden=len(given.pairs) < figures.FEWEST,
        agreement=figures.agreement(proposed, marks, step=found.step),
        bands=tuple(figures.by_band(proposed, marks, maximum=found.maximum)),
        coverage=tuple(figures.coverage(agreed, sure, total=given.total)),
        bins=bins,
        calibration_error=figures.calibration_error(bins),
        weeks=tuple(_weeks(given)),
    )


def _weeks(given: Pairs) -> Sequence[Week]:
    starts = sorted({one.week for one in given.pairs})
    weeks = []
    for start in starts:
        inside = [one for one in given.pairs if one.week == start]
        apart = figures.mean_of([one.proposed - one.given for one in inside])
        weeks.append(Week(start, figures.share_of(sum(one.agrees for one in inside), len(inside)), apart))
    return weeks
