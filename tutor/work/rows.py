"""An answer as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutor.models import Answer, Question
from tutor.work.services import several_may_be_right
from tutor.work.writing import count_words, split_quantity


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of an answer, without its content; ``size`` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class OptionRow:
    id: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question with what stands as its answer; ``number`` counts from one."""

    number: int
    question: Question
    text: str
    revision: int
    saved_at: datetime | None
    options: tuple[OptionRow, ...]
    several: bool
    files: tuple[FileRow, ...]
    words: int

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.files and not any(one.chosen for one in self.options)

    @property
    def number_text(self) -> str:
        return split_quantity(self.text)[0]

    @property
    def unit_text(self) -> str:
        return split_quantity(self.text)[1]

    @property
    def lacks_unit(self) -> bool:
        """Say whether a number was given without the unit that is asked for."""
        asked = self.question.kind == Question.Kind.NUMERIC and bool(self.question.numeric_unit)
        return asked and bool(self.number_text) and not self.unit_text


def row_of(number: int, question: Question, answer: Answer | None, files: Sequence[FileRow] = ()) -> AnswerRow:
    text = answer.text if answer else ""
    chosen = set(answer.choices) if answer else set()
    options = tuple(
        OptionRow(str(one.get("id", "")), str(one.get("text", "")), str(one.get("id", "")) in chosen)
        for one in question.options
    )
    return AnswerRow(
        number=number,
        question=question,
        text=text,
        revision=answer.revision if answer else 0,
        saved_at=answer.saved_at if answer and answer.revision else None,
        options=options if question.kind == Question.Kind.CHOICE else (),
        several=several_may_be_right(question),
        files=tuple(files),
        words=count_words(text),
    )
