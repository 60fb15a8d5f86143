"""The figures of the quality pages as tables for a spreadsheet: one figure a line, with its interval."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.http import HttpResponse

from tutor.interchange.writing import Cell, table_text
from tutor.quality.fairness_pages import FairnessView
from tutor.quality.figures import Agreement, Estimate
from tutor.quality.items import AssignmentFigures
from tutor.quality.reading import Compared, QuestionQuality

HEADER = ("part", "figure", "of", "value", "low95", "high95", "n")
Row = tuple[Cell, ...]


def download(rows: Iterable[Row], name: str) -> HttpResponse:
    """Return lines under ``HEADER`` as a CSV file to keep."""
    response = HttpResponse(table_text(HEADER, rows).encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def of_question(found: QuestionQuality) -> list[Row]:
    rows: list[Row] = []
    for part, compared in (("independent", found.independent), ("after_seeing", found.seen)):
        rows += [(part, "pairs", "", len(compared.pairs.pairs), "", "", compared.pairs.total)]
        if not compared.hidden:
            rows += _compared(part, compared)
    if found.people is not None:
        rows += _agreement("between_people", found.people)
    rows += [("overrides", "reason", name, count, "", "", "") for name, count in found.overrides]
    return rows


def of_items(found: AssignmentFigures) -> list[Row]:
    rows = [estimate("assignment", "alpha", "", found.alpha)]
    for item in found.items:
        number = str(item.question.position)
        rows += [("item", "hidden", number, "", "", "", item.n)] if item.hidden else []
        if not item.hidden:
            rows += [
                estimate("item", "difficulty", number, item.difficulty),
                estimate("item", "item_rest_correlation", number, item.discrimination),
            ]
        for option in item.options:
            named = f"{number}: {option.text}"
            rows += [
                estimate("option", "chosen", named, option.chosen),
                estimate("option", "rest_difference", named, option.rest),
            ]
    return rows


def estimate(part: str, figure: str, of: str, one: Estimate) -> Row:
    """Return the line of a figure; what is not known is empty."""
    return (part, figure, of, *(_number(value) for value in (one.value, one.low, one.high)), one.n)


def _compared(part: str, compared: Compared) -> list[Row]:
    rows = _agreement(part, compared.agreement)
    for band in compared.bands:
        of = f"{band.start:.2f}-{band.end:.2f}"
        rows += [estimate(part, "band_exact", of, band.exact), estimate(part, "band_difference", of, band.difference)]
    rows += [estimate(part, "coverage_exact", f"{share:.2f}", one) for share, one in compared.coverage]
    rows += [estimate(part, "calibration_exact", f"{one.confidence:.2f}", one.agreed) for one in compared.bins]
    rows += [(part, "calibration_error", "", _number(compared.calibration_error), "", "", len(compared.pairs.pairs))]
    for week in compared.weeks:
        of = week.start.isoformat()
        rows += [estimate(part, "week_exact", of, week.exact), estimate(part, "week_difference", of, week.difference)]
    return rows


def _agreement(part: str, one: Agreement) -> list[Row]:
    return [
        estimate(part, "exact", "", one.exact),
        estimate(part, "adjacent", "", one.adjacent),
        estimate(part, "quadratic_kappa", "", one.kappa),
        estimate(part, "standardised_mean_difference", "", one.difference),
    ]


def _number(value: float | None) -> Cell:
    return "" if value is None else Decimal(str(round(value, 4)))


def of_fairness(seen: FairnessView) -> list[Row]:
    rows: list[Row] = []
    for part, compared in (("group", seen.groups), ("language", seen.languages), ("length", seen.lengths)):
        rows += [(part, "hidden_groups", "", compared.hidden, "", "", "")]
        for one in compared.groups:
            rows += [
                estimate(part, "exact", one.name, one.agreement),
                estimate(part, "proposal_minus_mark", one.name, one.lean),
                estimate(part, "proposal_minus_mark_against_others", one.name, one.gap),
                estimate(part, "mark", one.name, one.mark),
                estimate(part, "mark_against_others", one.name, one.mark_gap),
            ]
    return rows
