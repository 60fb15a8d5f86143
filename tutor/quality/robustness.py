"""What tricks would gain on a question: asked for, and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import MarkingError, NoRubricError
from tutor.marking.jobs import queue_job
from tutor.models import MarkingJob, Question, RobustnessCheck
from tutor.quality.figures import Estimate

WORTH_ACTING: Final = 0.05
"""A mean gain beyond this share of the scale asks for something to be done."""
_TRICKS: Final[Mapping[str, tuple[Any, Any]]] = {
    "keyword_stuffing": (
        gettext_lazy("Words of the reference put behind the answer"),
        gettext_lazy("Ask for how things hang together; give criteria that need a sentence, not a word."),
    ),
    "keywords_in_sentences": (
        gettext_lazy("Words of the reference put into empty sentences"),
        gettext_lazy("Read the proposals of this question, and mark a few such answers: the engine learns from them."),
    ),
    "reordered_reference": (
        gettext_lazy("The reference’s words in another order"),
        gettext_lazy("Mark a few such answers low: the engine learns from them."),
    ),
    "negated_reference": (
        gettext_lazy("The reference denied"),
        gettext_lazy("Do not confirm in bulk here; look for “not” in the answers."),
    ),
    "negated_in_other_words": (
        gettext_lazy("The reference denied without “not”"),
        gettext_lazy("Do not confirm in bulk here; add an example of a denial to the lowest level."),
    ),
    "negated_reference_appended": (
        gettext_lazy("A denied reference behind the answer"),
        gettext_lazy("Do not confirm in bulk here; look for “not” in the answers."),
    ),
    "echoed_question": (
        gettext_lazy("The question said again before the answer"),
        gettext_lazy("Question and reference share many words: ask in other words, or let it say what is new."),
    ),
    "order_to_the_grader": (
        gettext_lazy("An order to whoever marks"),
        gettext_lazy("Mark these answers yourself; no proposal should follow an order."),
    ),
    "typos": (
        gettext_lazy("Letters swapped"),
        gettext_lazy("Spelling should neither gain nor lose: review proposals near the border."),
    ),
    "pasted_reference": (
        gettext_lazy("The reference pasted"),
        gettext_lazy("It is a right answer, whoever wrote it, and flagged. Keep references from learners."),
    ),
}


class NothingToTryError(MarkingError):
    """The question is marked by rule, so that tricks with words change nothing."""

    code = "nothing_to_try"

    def __init__(self) -> None:
        super().__init__(_("Numbers and choices are marked by rule: no trick with words changes anything there."))


@dataclass(frozen=True, slots=True)
class Trick:
    """One trick with what it gained, a mean share of the scale; ``matters`` beyond what is worth acting on."""

    name: str
    label: str
    advice: str
    gain: Estimate
    raised: int
    held: int

    @property
    def matters(self) -> bool:
        return self.gain.value is not None and self.gain.value > WORTH_ACTING and self.name != "pasted_reference"


@dataclass(frozen=True, slots=True)
class RobustnessView:
    """A check. ``outdated``: the rubric has changed since."""

    check: RobustnessCheck
    tricks: tuple[Trick, ...]
    outdated: bool


def ask_for_check(principal: Principal, question_id: UUID) -> MarkingJob:
    """Ask for tricks to be tried on a question; the job that is under way is given back instead.

    Raises:
        NotFoundError, PermissionDenied, NoRubricError, NothingToTryError.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        if question.kind in {Question.Kind.CHOICE, Question.Kind.NUMERIC}:
            raise NothingToTryError
        if question.rubric is None:
            raise NoRubricError
        return queue_job(principal, question, MarkingJob.Kind.ROBUSTNESS, action="tutor.robustness_asked")


def checks(principal: Principal, question_id: UUID) -> list[RobustnessView]:
    """Return the checks of a question, the latest first. Raises NotFoundError, PermissionDenied."""
    question = question_for(principal, question_id, *FIRST_MARKERS)
    found = RobustnessCheck.objects.for_organisation(principal.organisation_id).filter(question=question)
    return [
        RobustnessView(
            check,
            tuple(_trick(one, check.answers) for one in check.results),
            check.rubric_id != question.rubric_id,
        )
        for check in found.select_related("rubric")
    ]


def _trick(result: Mapping[str, Any], answers: int) -> Trick:
    label, advice = _TRICKS.get(result["attack"], (result["attack"], ""))
    gain = Estimate(result["gain"], result["low"], result["high"], answers)
    return Trick(result["attack"], str(label), str(advice), gain, result["raised"], result["held"])
