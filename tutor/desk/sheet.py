"""The marking form of one answer: criteria with their ghost and chosen values, and what explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import count, product
from string import ascii_lowercase

from llmasos.answering.sentences import split
from tutor.desk import wording
from tutor.desk.entered import Entered
from tutor.marking.points import Criteria, level_points
from tutor.marking.types import AnswerView, CriterionProposalView, CriterionView, LevelView
from tutor.notes.queries import NoteView
from tutor.results.pieces import Piece, Span, cut

# So many points can be given by pressing a chip; above, they are typed.
MOST_CHIPS = 10


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level to press. ``exact`` are its points unrounded, for the sum that the page shows."""

    level: LevelView
    exact: float
    ghost: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with its number on the page. ``proposal`` is None without one, ``evidence`` empty without words."""

    number: int
    criterion: CriterionView
    choices: tuple[LevelChoice, ...]
    proposal: CriterionProposalView | None
    evidence: str
    sure: str

    @property
    def ghost(self) -> str:
        return self.proposal.level if self.proposal else ""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note with the letter that marks its words in the answer."""

    letter: str
    note: NoteView
    words: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence to which a note can be put; ``span`` is "start-end"."""

    span: str
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the right-hand pane and the answer's text show.

    Without criteria the answer is marked by ``points`` as a whole; ``chips`` are whole points to press.
    """

    rows: tuple[CriterionRow, ...]
    pieces: tuple[Piece, ...]
    notes: tuple[NoteRow, ...]
    passages: tuple[Passage, ...]
    points: Decimal | None
    chips: tuple[int, ...]
    feedback: str
    drafted: bool
    reason: str
    no_proposal: str
    rule: str
    situation: str
    sure: str
    missing: tuple[str, ...]


def sheet_of(shown: AnswerView, *, criteria: Criteria, entered: Entered | None = None) -> Sheet:
    """Lay out an answer. ``criteria`` are the rubric's as they are kept, for exact points.

    ``entered`` is what the marker had entered when the mark was refused.
    """
    # Whoever moderates decides between two people; the machine's value would be a third.
    usable = shown.proposal is not None and shown.proposal.decision == "proposed" and shown.kind != "final"
    proposal = shown.proposal if usable else None
    proposed = {one.criterion: one for one in proposal.criteria} if proposal else {}
    chosen: Mapping[str, str] = entered.chosen if entered else shown.mark.levels if shown.mark else {}
    rows = _rows(shown, level_points(criteria, maximum=shown.max_points), proposed, chosen)
    numbers = {row.criterion.id: row.number for row in rows}
    whole = proposed.get("")
    notes = tuple(
        NoteRow(letter, note, shown.text[note.start : note.end])
        for letter, note in zip(_letters(), shown.notes, strict=False)
    )
    feedback = entered.feedback if entered else shown.mark.feedback if shown.mark else ""
    by_rule = bool(proposal and proposal.reason)
    return Sheet(
        rows=rows,
        pieces=cut(
            shown.text,
            [
                *(_span(one, numbers) for one in proposed.values() if one.start is not None),
                *(Span(one.note.start, one.note.end, one.letter) for one in notes),
            ],
        ),
        notes=notes,
        passages=sentences(shown.text),
        points=entered.points if entered else shown.mark.points if shown.mark else None,
        chips=_chips(shown) if not rows else (),
        feedback=feedback,
        drafted=entered.drafted if entered else bool(shown.mark and shown.mark.feedback_drafted),
        reason=entered.reason if entered else shown.mark.override_reason if shown.mark else "",
        no_proposal=wording.of_reason(shown.proposal.reason or "unsure")
        if shown.proposal and shown.proposal.decision == "none"
        else "",
        rule=wording.of_reason(proposal.reason) if proposal and by_rule else "",
        situation=wording.of_situation(proposal.situation) if proposal else "",
        sure=wording.of_confidence(proposal.confidence) if proposal else "",
        missing=whole.missing if whole else (),
    )


def _span(one: CriterionProposalView, numbers: Mapping[str, int]) -> Span:
    """The number of the criterion is its label; the answer as a whole has none."""
    return Span(one.start or 0, one.end or 0, str(numbers.get(one.criterion, "")), is_evidence=True)


def _rows(
    shown: AnswerView,
    exact: Mapping[str, Mapping[str, Fraction]],
    proposed: Mapping[str, CriterionProposalView],
    chosen: Mapping[str, str],
) -> tuple[CriterionRow, ...]:
    rows = []
    for number, criterion in enumerate(shown.rubric.criteria if shown.rubric else (), 1):
        one = proposed.get(criterion.id)
        has_words = one is not None and one.start is not None and one.end is not None
        rows.append(
            CriterionRow(
                number=number,
                criterion=criterion,
                choices=tuple(
                    LevelChoice(
                        level,
                        float(exact.get(criterion.id, {}).get(level.id, level.points)),
                        ghost=one is not None and one.level == level.id,
                        chosen=chosen.get(criterion.id) == level.id,
                    )
                    for level in criterion.levels
                ),
                proposal=one,
                evidence=shown.text[one.start : one.end] if one and has_words else "",
                sure=wording.of_confidence(one.confidence) if one else "",
            )
        )
    return tuple(rows)


def sentences(text: str) -> tuple[Passage, ...]:
    """Return the sentences of an answer with their places."""
    return tuple(Passage(f"{one.start}-{one.end}", " ".join(one.text.split())) for one in split(text))


def _letters() -> Iterator[str]:
    """Yield a, b, … z, aa, ab, …"""
    for length in count(1):
        yield from ("".join(one) for one in product(ascii_lowercase, repeat=length))


def _chips(shown: AnswerView) -> tuple[int, ...]:
    whole = shown.max_points == shown.max_points.to_integral_value()
    return tuple(range(int(shown.max_points) + 1)) if whole and shown.max_points <= MOST_CHIPS else ()
