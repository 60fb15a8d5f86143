"""What markers wrote themselves on answers like the one at hand, so far as it holds for that one too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from llmasos.accounts.tenancy import acting_in
from llmasos.answering.sentences import split
from llmasos.answering.words import Kind, words
from llmasos.inference.errors import InferenceError
from llmasos.privacy.deidentification.pipeline import locate
from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.feedback.names import named_in
from tutor.marking.embedding import Embedder
from tutor.marking.mapping import answers_of, text_of
from tutor.models import Answer, Mark, Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST: Final = 0.4
"""Words on an answer less alike than this are left where they are."""
LOOKED_AT: Final = 5
CHECKED: Final = ("en", "zh")
"""Languages in which the words that carry meaning are told from the others."""

_QUOTED = re.compile(r"[“\"„«「『]([^”\"“»」』]+)[”\"“»」』]")
# Who speaks of somebody, or of an answer, states something that may be true of that one alone.
_SOMEBODY = (
    "i me my mine we us our ours you your yours he him his she her hers they them their theirs answer answers sentence"
    " sentences work essay 我 你 您 他 她 们"
)
_OF_SOMEBODY: Final = frozenset(_SOMEBODY.split())
_SAYING = (
    "say said write wrote written mention name forget forgot forgotten describe explain give gave given state miss add"
    " leave left include show call use think yet right wrong true correct incorrect part point step reason word"
    " answer sentence 写 说 提 到 出 讲 明 答 对 错 好"
)
_BACK = "it that this these those they he she but so then also however therefore and or"
_POINTS_BACK: Final = frozenset(_BACK.split())


@dataclass(frozen=True, slots=True)
class Earlier:
    """Sentences of a marker on an answer alike by ``alike`` (0 to 1), each true of the answer at hand too."""

    mark_id: UUID
    alike: float
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Worded:
    """A mark with words of its marker; the words are read again when they are wanted, since they may be gone."""

    mark_id: UUID
    answer_id: UUID
    levels: Mapping[str, str]
    own: bool


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a question's answers are to those on which markers wrote. ``alike`` is [answers, worded]."""

    worded: Sequence[_Worded] = ()
    rows: Mapping[UUID, int] | None = None
    alike: NDArray[np.floating] | None = None

    def nearest(self, answer_id: UUID, levels: Mapping[str, str]) -> list[tuple[_Worded, float]]:
        """Return the words on the nearest answers with the same levels, those of who asks for drafts first."""
        if self.rows is None or self.alike is None or answer_id not in self.rows:
            return []
        alike = self.alike[self.rows[answer_id]]
        found = [
            (one, float(alike[at]))
            for at, one in enumerate(self.worded)
            if alike[at] >= LEAST and one.answer_id != answer_id and one.levels == levels
        ]
        return sorted(found, key=lambda one: (not one[0].own, -one[1]))[:LOOKED_AT]


def likeness_of(question: Question, ids: Sequence[UUID], marks: Sequence[Mark], *, asker_id: UUID | None) -> Likeness:
    """Return how alike the answers are to those of the marks that hold their marker's own words.

    Words that a draft went into, and marks brought in from elsewhere, count as nobody's own. Nothing is alike while
    the model service is away. Opens ``acting_in`` itself, and none while the model works.
    """
    worded = [
        _Worded(mark.pk, mark.answer_id, mark.levels, mark.marker_id == asker_id)
        for mark in marks
        if mark.feedback
        and not mark.feedback_drafted
        and mark.marker_id is not None
        and mark.origin != Mark.Origin.IMPORTED
        and mark.rubric_id == question.rubric_id
        and mark.levels
    ]
    if not worded:
        return Likeness()
    with acting_in(question.organisation_id):
        texts = {one.pk: text_of(one) for one in answers_of(question, {*ids, *(one.answer_id for one in worded)})}
    worded = [one for one in worded if one.answer_id in texts]
    asked = [one for one in ids if one in texts]
    try:
        alike = neighbours.alike(
            [texts[one] for one in asked],
            [texts[one.answer_id] for one in worded],
            Vectors(Embedder(question.organisation_id)),
        )
    except InferenceError:
        return Likeness()
    return Likeness(worded, {one: row for row, one in enumerate(asked)}, alike.astype("float32"))


def earlier_for(answer: Answer, levels: Mapping[str, str], likeness: Likeness) -> Earlier | None:
    """Return what was said of the nearest answer that holds for this one; None where nothing does.

    Inside ``acting_in``; a mark that was taken back or erased meanwhile is not read.
    """
    marks = Mark.objects.for_organisation(answer.organisation_id).filter(withdrawn_at=None)
    for one, alike in likeness.nearest(answer.pk, levels):
        mark = marks.select_related("answer__submission", "learner").filter(pk=one.mark_id).first()
        if mark is not None and (sentences := _carried(answer, mark)):
            return Earlier(mark.pk, round(alike, 4), sentences)
    return None


def _carried(answer: Answer, mark: Mark) -> tuple[str, ...]:
    """Return the sentences of a mark's feedback that may be said of another answer, and name nobody."""
    question, other = answer.question, mark.answer
    rubric = question.rubric
    criteria = rubric.criteria if rubric is not None else []
    subject = _stems([*(rubric.references if rubric is not None else []), *(one["text"] for one in criteria)])
    described = [str(level.get("description", "")) for one in criteria for level in one["levels"]]
    known = subject | _stems([question.prompt, *described])
    checked = question.assignment.course.language.startswith(CHECKED)
    learner = mark.learner
    identifiers = [*learner.name.split(), *other.submission.pseudonym.split(), learner.name]
    identifiers += [learner.number, learner.email, learner.external_id]
    kept: list[str] = []
    follows = True
    for sentence in split(mark.feedback):
        text = " ".join(sentence.text.split())
        if (
            (follows or not _points_back(text))
            and holds(text, answer.text, other.text, subject, known, checked=checked)
            and not locate(text, known=[one for one in identifiers if one], entities=False)
            and not named_in(answer.organisation_id, question.assignment.course_id, text)
        ):
            kept.append(text)
            follows = True
        else:
            follows = False
    return tuple(kept)


def holds(text: str, here: str, there: str, subject: Set[str], known: Set[str], *, checked: bool) -> bool:
    """Whether a sentence said of the answer ``there`` is about the question and as true of the answer ``here``.

    It is where each of its words that carry meaning stands in both answers or in neither, and so does each quotation;
    where it speaks of somebody or of an answer, or in a language whose words are not known, all its words have to be
    the question's, the answers' or a way of saying.
    """
    if any((one in here) != (one in there) for one in map(str.strip, _QUOTED.findall(text))):
        return False
    spoken = words(text)
    here_words, there_words = _stems([here]), _stems([there])
    weighty = {one.stem for one in spoken if one.kind not in {Kind.FUNCTION, Kind.POLARITY}}
    limits = {one.stem for one in spoken if one.kind is Kind.POLARITY}
    if not weighty & subject or weighty & (here_words ^ there_words):
        return False
    if not checked or any(one.form in _OF_SOMEBODY for one in spoken):
        return weighty <= known | here_words | _SAYING_STEMS and not limits & (_limits(here) ^ _limits(there))
    exact = {one.stem for one in spoken if one.kind in {Kind.NAME, Kind.NUMBER}}
    return exact <= known | here_words


def _stems(texts: Sequence[str]) -> set[str]:
    return {one.stem for text in texts for one in words(text) if one.kind not in {Kind.FUNCTION, Kind.POLARITY}}


def _limits(text: str) -> set[str]:
    return {one.stem for one in words(text) if one.kind is Kind.POLARITY}


def _points_back(text: str) -> bool:
    first = words(text)[:1]
    return bool(first) and first[0].form in _POINTS_BACK


_SAYING_STEMS: Final = _stems([_SAYING])
