"""Marks in a table: which columns hold points, of whom, for which question. Canvas, Moodle, plain and sheet layouts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from tutor.interchange.problems import Problem, UnreadableFileError
from tutor.interchange.rosters import EMAIL, NAME, NUMBER, is_points_row
from tutor.interchange.tables import Row, Table, find, folded, missing_column
from tutor.interchange.writing import unneutralised

PSEUDONYM = ("pseudonym", "代号")
QUESTION = ("question", "question number", "题号")
DIGEST = ("answer digest", "digest", "答案摘要")
TOTAL = ("points", "Grade", "Score", "Total", "Final Grade", "Total Score", "分数", "成绩")
MAXIMUM = ("maximum", "Maximum Grade", "Max Points", "满分")
FEEDBACK = ("feedback", "Feedback comments", "comment", "comments", "评语")
LATE_DAYS = ("late days",)
LONGEST_FEEDBACK = 10_000
NOTHING = frozenset({"", "-", "–", "—"})
_ONE_QUESTION = re.compile(r"(?:question|task|item|q|第|题|问题)\s*\.?\s*(\d{1,3})\s*题?(?:\s*/\s*(\d+(?:[.,]\d+)?))?")
_ONE_FEEDBACK = re.compile(r"(?:feedback|comment|评语)\s*(\d{1,3})")
_MOODLE_ITEM = re.compile(r"(?:assignment|quiz|作业|测验)\s*[::]\s*(.+?)\s*\((?:real|实际)\)")
_CANVAS_NUMBER = re.compile(r"\s*\(\d+\)$")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table of marks is compared with: the assignment's title and the points of its questions, in order."""

    title: str
    points: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class GivenMark:
    """One mark of a file. ``question`` counts from 1; 0 is the assignment as a whole. ``digest`` pins the answer."""

    line: int
    column: str
    identifiers: tuple[str, ...]
    pseudonym: str
    question: int
    points: Decimal
    feedback: str
    digest: str


@dataclass(frozen=True, slots=True)
class MarksFile:
    """The marks of a file, what is wrong with other rows, and how many places were left empty."""

    marks: tuple[GivenMark, ...]
    problems: tuple[Problem, ...]
    empty: int


@dataclass(frozen=True, slots=True)
class _Columns:
    pseudonym: str
    identifiers: tuple[str, ...]
    name: str
    question: str
    digest: str
    maximum: str
    feedback: str
    late_days: str
    # Each column of points with its question, and each question's own column of feedback.
    points: Mapping[str, int]
    feedbacks: Mapping[int, str]


def read_marks(table: Table, shape: Shape) -> MarksFile:
    """Read the marks of a table; every row becomes a mark, a problem, or is counted as empty.

    Raises:
        UnreadableFileError: nothing tells learners apart, no column holds points, or a maximum is not ours.
    """
    columns = _columns(table, shape)
    marks: list[GivenMark] = []
    problems = list(table.problems)
    empty = 0
    for row in table.rows:
        if columns.name and is_points_row(_cell(row, columns.name)):
            problems += _possible(row, columns, shape)
            continue
        for found in _marks_of(row, columns, shape):
            if isinstance(found, GivenMark):
                marks.append(found)
            elif isinstance(found, Problem):
                problems.append(found)
            else:
                empty += 1
    return MarksFile(tuple(marks), tuple(problems), empty)


def read_points(text: str) -> Decimal:
    """Return points as people write them, with a point or a comma. Raises ``ValueError`` for anything else."""
    if not re.fullmatch(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?", text):
        raise ValueError("no number")
    return Decimal(text.replace(",", "."))


def _columns(table: Table, shape: Shape) -> _Columns:
    of = table.columns
    pseudonym = find(of, *PSEUDONYM)
    wanted = {folded(name) for name in (*NUMBER, *EMAIL)}
    identifiers = tuple(column for column in of if folded(column) in wanted)
    if not pseudonym and not identifiers:
        raise missing_column(NUMBER, of)
    question = find(of, *QUESTION)
    points = _point_columns(of, shape, by_row=bool(question))
    if not points:
        raise missing_column(TOTAL, of)
    feedbacks = {
        int(match[1]): column for column in of if (match := _ONE_FEEDBACK.fullmatch(folded(column))) is not None
    }
    feedback = find(of, *FEEDBACK)
    if feedback and len(points) > 1:
        raise UnreadableFileError(
            _("The column “%(name)s” is of no question: call it “feedback 1”, “feedback 2” and so on.")
            % {"name": feedback[:80]}
        )
    return _Columns(
        pseudonym, identifiers, find(of, *NAME), question, find(of, *DIGEST), find(of, *MAXIMUM),
        feedback, find(of, *LATE_DAYS), points, feedbacks,
    )  # fmt: skip


def _point_columns(columns: tuple[str, ...], shape: Shape, *, by_row: bool) -> dict[str, int]:
    """Return each column of points with its question: those of single questions, else the one of the whole."""
    if not by_row:
        single: dict[str, int] = {}
        for column in columns:
            match = _ONE_QUESTION.fullmatch(folded(column))
            if match is None:
                continue
            number = int(match[1])
            _check_question(column, number, match[2], shape)
            single[column] = number
        if single:
            return single
    title = folded(shape.title)
    for column in columns:
        name = _CANVAS_NUMBER.sub("", folded(column))
        match = _MOODLE_ITEM.fullmatch(folded(column))
        if title in {name, match[1] if match else name}:
            return {column: 0}
    total = find(columns, *TOTAL)
    return {total: 0} if total else {}


def _check_question(column: str, number: int, maximum: str | None, shape: Shape) -> None:
    if not 1 <= number <= len(shape.points):
        raise UnreadableFileError(
            _("The column “%(name)s” is of no question here: this assignment has %(count)s questions.")
            % {"name": column[:80], "count": len(shape.points)}
        )
    if maximum is not None and read_points(maximum) != shape.points[number - 1]:
        raise UnreadableFileError(
            _("The column “%(name)s” is out of other points than question %(number)s has here (%(points)s).")
            % {"name": column[:80], "number": number, "points": shape.points[number - 1].normalize()}
        )


def _possible(row: Row, columns: _Columns, shape: Shape) -> Iterator[Problem]:
    """Compare Canvas' row of possible points with what the questions give here; its test student is passed over."""
    if "possible" not in folded(_cell(row, columns.name)):
        yield Problem(row.line, columns.name, _("The test student is left out."), note=True)
        return
    for column, number in columns.points.items():
        text = _cell(row, column)
        ours = _maximum(shape, number)
        if text and text != "(read only)" and _differs(text, ours):
            raise UnreadableFileError(
                _("“%(name)s” is out of %(theirs)s points in the file and out of %(ours)s here.")
                % {"name": column[:80], "theirs": text[:12], "ours": ours.normalize()}
            )


def _marks_of(row: Row, columns: _Columns, shape: Shape) -> Iterator[GivenMark | Problem | None]:
    """Give a mark, a problem, or nothing for an empty place, for each column of points."""
    identifiers = tuple(value for column in columns.identifiers if (value := _cell(row, column)))
    pseudonym = _cell(row, columns.pseudonym) if columns.pseudonym else ""
    for column, fixed in columns.points.items():
        text = _cell(row, column)
        number = fixed
        feedback = _cell(row, columns.feedbacks.get(number, "") or columns.feedback)
        if text in NOTHING:
            if feedback:
                advice = _("There is feedback here and there are no points: fill them in, or remove the feedback.")
                yield Problem(row.line, column, advice)
            else:
                yield None
            continue
        if columns.question:
            asked = _cell(row, columns.question)
            if not asked.isdecimal() or not 1 <= int(asked) <= len(shape.points):
                advice = _("There is no such question: write its number, from 1 to %(count)s.")
                yield Problem(row.line, columns.question, advice % {"count": len(shape.points)})
                continue
            number = int(asked)
        if (fault := _fault(row, columns, column, text, feedback, _maximum(shape, number))) is not None:
            yield fault
        elif not identifiers and not pseudonym:
            advice = _("Nothing says whose mark this is: fill in the number, the e-mail address or the pseudonym.")
            yield Problem(row.line, columns.pseudonym or columns.identifiers[0], advice)
        else:
            digest = _cell(row, columns.digest).lower()
            yield GivenMark(row.line, column, identifiers, pseudonym, number, read_points(text), feedback, digest)


def _fault(row: Row, columns: _Columns, column: str, text: str, feedback: str, maximum: Decimal) -> Problem | None:
    try:
        points = read_points(text)
    except ValueError:
        return Problem(row.line, column, _("These are no points: write a number, or leave the place empty."))
    if points < 0 or points > maximum:
        advice = _("Give points from 0 to %(maximum)s.") % {"maximum": maximum.normalize()}
        return Problem(row.line, column, advice)
    if points != points.quantize(Decimal("0.01")):
        return Problem(row.line, column, _("Points have two decimal places at most."))
    stated = _cell(row, columns.maximum)
    if stated and _differs(stated, maximum):
        advice = _("The file counts out of other points than are given here (%(ours)s): bring them in line first.")
        return Problem(row.line, columns.maximum, advice % {"ours": maximum.normalize()})
    days = _cell(row, columns.late_days)
    if days not in {*NOTHING, "0"}:
        advice = _("These points are what lateness left: give the points before it, and empty the late days.")
        return Problem(row.line, columns.late_days, advice)
    if len(feedback) > LONGEST_FEEDBACK:
        advice = _("Longer than %(limit)s characters: shorten it.") % {"limit": LONGEST_FEEDBACK}
        return Problem(row.line, columns.feedback, advice)
    return None


def _maximum(shape: Shape, number: int) -> Decimal:
    return shape.points[number - 1] if number else sum(shape.points, Decimal(0))


def _differs(text: str, ours: Decimal) -> bool:
    try:
        return read_points(text) != ours
    except ValueError:
        return True


def _cell(row: Row, column: str) -> str:
    return unneutralised(row.cells.get(column, "")).strip() if column else ""
