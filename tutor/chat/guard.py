"""Recognising questions about open work and replies that would do it, by words and similarities alone.

It looks at four things, each of which is enough:

- a message that repeats an open question, in other order, with typing errors or gaps, in one message or in several;
- a message that means the same as an open question (similarity of embeddings, computed by the caller);
- a message that asks for an answer to work, or names open work, whatever story it tells around that;
- a message or a reply that says what the reference of an open question says. This one holds whatever language or
  trick the question came in, since it looks at what would be said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from llmasos.answering.words import content_forms, normalise

SAME_WORDS: Final = 0.6
"""The share of a question's meaning words from which a message repeats it."""
FEWEST_WORDS: Final = 2
SAME_LETTERS: Final = 82
"""How like the letters of a question are to the nearest stretch of a message, in per cent."""
FEWEST_LETTERS: Final = 20
SAME_MEANING: Final = 0.62
"""The cosine from which a message means what a question does."""
TOLD: Final = 0.5
"""The share of the meaning words of a reference, or of a clause of it, from which a text tells it."""
_CLAUSE = re.compile(r"[.;:,!?。；，！？]\s*|\b(?:because|so that|since|therefore|as)\b")
_ASKS_FOR_WORK = re.compile(
    r"\b(?:write|do|finish|complete|solve|answer|give|tell|show|send|draft)\b.{0,40}"
    r"\b(?:my|the|this|that|these)\b.{0,20}"
    r"\b(?:answers?|solutions?|homework|home work|assignment|essay|worksheet|coursework|task|question \d+|number \d+)\b"
    r"|\b(?:write|do|finish|complete|solve|answer)\b.{0,20}\b(?:question|task|exercise|problem|number)\s*\d"
    r"|\b(?:model|sample|correct|right|full|reference|perfect) (?:answer|solution)s?\b"
    r"|\banswer key\b|\bmark scheme\b|\brubric\b"
    r"|\b(?:schreib|mach|lös|gib|sag)\w*\b.{0,40}\b(?:antwort|lösung|hausaufgabe|aufgabe)\w*"
    r"|(?:写|做|给|告诉).{0,12}(?:答案|作业|解答)|参考答案",
    re.IGNORECASE | re.DOTALL,
)
_OF_INSISTING: Final = frozenset(
    content_forms(
        "please just tell say give answer solution again now anyway pretend imagine suppose closed work over deadline"
        " teacher allowed said friend only first word hint come ok okay yes no really know want need help ignore rules"
    )
)
_GAPS = re.compile(r"[\W_]+")
_LOOKALIKES: Final = str.maketrans("013457@$", "oleastas")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question of open work: what it asks, what a right answer says, and the title of its work."""

    id: UUID
    prompt: str
    references: tuple[str, ...]
    title: str


def asked(
    messages: Sequence[str], questions: Sequence[OpenQuestion], meanings: Sequence[float] = ()
) -> OpenQuestion | None:
    """Return the open question that the last message is about, or None.

    ``messages`` are the learner's, oldest first: the last ones are also read as one. ``meanings`` are the cosines of
    the last message to each question's prompt.
    """
    latest = messages[-1]
    earlier = [" ".join(messages[start:-1]) for start in range(len(messages) - 1)]
    for one in questions:
        if _is_about(latest, one):
            return one
        # What was asked before alone does not make another topic suspicious.
        if any(not _is_about(before, one) and _is_about(f"{before} {latest}", one) for before in earlier):
            return one
    near = [(cosine, number) for number, cosine in enumerate(meanings) if cosine >= SAME_MEANING]
    if near:
        return questions[max(near)[1]]
    return _named(latest, questions)


def told(reply: str, questions: Sequence[OpenQuestion]) -> OpenQuestion | None:
    """Return the open question whose answer a reply would tell, or None."""
    return next((one for one in questions if _tells(reply, one)), None)


def insists(message: str) -> bool:
    """Whether a message brings nothing of its own to ask about: what was refused before is meant again."""
    return set(content_forms(message)) <= _OF_INSISTING


def _is_about(text: str, question: OpenQuestion) -> bool:
    return _repeats(text, question.prompt) or _tells(text, question)


def _repeats(text: str, prompt: str) -> bool:
    from rapidfuzz.fuzz import partial_ratio

    wanted, present = set(content_forms(prompt)), set(content_forms(text))
    common = len(wanted & present)
    if common > FEWEST_WORDS and common / len(wanted) >= SAME_WORDS:
        return True
    letters = _letters(prompt)
    return (
        len(letters) >= FEWEST_LETTERS
        and partial_ratio(letters, _letters(text)) >= SAME_LETTERS
        and (len(_letters(text)) >= len(letters) * 0.6)
    )


def _tells(text: str, question: OpenQuestion) -> bool:
    """Whether the text holds what a reference says beyond the question's own words."""
    given, present = set(content_forms(question.prompt)), set(content_forms(text))
    for reference in question.references:
        whole = set(content_forms(reference)) - given
        clauses = [set(content_forms(one)) - given for one in _CLAUSE.split(reference)]
        # A reference of a single word is told by it; a clause of one says too little to tell anything.
        for wanted in (whole, *(one for one in clauses if len(one) >= FEWEST_WORDS)):
            common = len(wanted & present)
            if wanted and common / len(wanted) >= TOLD and common >= min(FEWEST_WORDS, len(wanted)):
                return True
    return False


def _named(text: str, questions: Sequence[OpenQuestion]) -> OpenQuestion | None:
    """Return a question of the open work that the text asks to have done; of the work it names, if it names any."""
    if not questions or not _ASKS_FOR_WORK.search(normalise(text)):
        return None
    present = set(content_forms(text))
    for one in questions:
        title = set(content_forms(one.title))
        if title and title <= present:
            return one
    return questions[0]


def _letters(text: str) -> str:
    return _GAPS.sub("", normalise(text).casefold().translate(_LOOKALIKES))
