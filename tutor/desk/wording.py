"""What codes of the engine and of marking mean, in words for markers."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

QUEUE_NAMES = {
    "seed": gettext_lazy("Mark first"),
    "confirm": gettext_lazy("Confirm"),
    "review": gettext_lazy("Review"),
    "must": gettext_lazy("Must mark"),
    "marked": gettext_lazy("Marked"),
    "all": gettext_lazy("All"),
}
QUEUE_MEANINGS = {
    "seed": gettext_lazy("Answers spread over what learners wrote. The proposals learn most from them."),
    "confirm": gettext_lazy("Proposals of which the machine is sure. Look, and confirm."),
    "review": gettext_lazy("Proposals of which the machine is less sure. Read these with care."),
    "must": gettext_lazy("There is no proposal for these. They need you."),
    "marked": gettext_lazy("A person has marked these."),
    "all": gettext_lazy("Every answer that was handed in."),
}
_REASONS = {
    "blank": gettext_lazy("Nothing was written."),
    "copied_question": gettext_lazy("The answer repeats the question."),
    "copied_reference": gettext_lazy("The answer is the reference, word for word."),
    "instructs": gettext_lazy("The text speaks to whoever marks it instead of answering."),
    "not_prose": gettext_lazy("Words of the reference are there, but not as somebody would say it."),
    "negated_reference": gettext_lazy("The answer denies what the reference says."),
    "reference_within": gettext_lazy("The answer holds the reference word for word, with something beside it."),
    "other_language": gettext_lazy("The answer is in another language than the course."),
    "new_question": gettext_lazy("Nobody has marked this question yet, and the answer is not clear enough without."),
    "long_answer": gettext_lazy("The answer is long and has several parts."),
    "parts_disagree": gettext_lazy("The parts of the proposal do not agree with each other."),
    "unsure": gettext_lazy("The proposal would be too uncertain."),
    "option": gettext_lazy("Set by the options that were chosen."),
    "unknown_option": gettext_lazy("An option was chosen that the question does not have."),
    "quantity": gettext_lazy("The number and its unit are right."),
    "wrong_quantity": gettext_lazy("The number is not within the tolerance."),
    "wrong_unit": gettext_lazy("The number fits, its unit does not."),
    "no_quantity": gettext_lazy("There is no number in the answer."),
}
_SITUATIONS = {
    "rule": gettext_lazy("by a rule"),
    "cold": gettext_lazy("from the reference and other questions; nobody has marked this one yet"),
    "neighbours": gettext_lazy("from answers to this question that people marked"),
}
MISSING = {
    "mark": gettext_lazy("no mark"),
    "second": gettext_lazy("no second mark"),
    "moderation": gettext_lazy("two marks that differ"),
}
SKIPPED = {
    "marked": gettext_lazy("has a mark already"),
    "changed": gettext_lazy("was handed in again since"),
    "locked": gettext_lazy("is open at another marker"),
}
_FAILURES = {
    "no_rubric": gettext_lazy("The question has neither a reference answer nor criteria."),
    "own_model": gettext_lazy(
        "The organisation’s own model does not fit this version. An administrator trains it again."
    ),
    "model_away": gettext_lazy("The model that compares texts did not answer."),
}
# At least so confident: these words.
_CONFIDENCE = (
    (0.9, gettext_lazy("very sure")),
    (0.75, gettext_lazy("fairly sure")),
    (0.6, gettext_lazy("not so sure")),
    (0.0, gettext_lazy("unsure")),
)


def of_reason(code: str) -> str:
    """Return why there is no proposal, or which rule made it; empty for a plain proposal."""
    if not code:
        return ""
    return str(_REASONS.get(code) or _("The proposal was made for another reason (%(code)s).") % {"code": code})


def of_situation(code: str) -> str:
    return str(_SITUATIONS.get(code, ""))


def of_confidence(confidence: float) -> str:
    """Return the words for a calibrated probability that a marker agrees."""
    return str(next(words for least, words in _CONFIDENCE if confidence >= least))


def of_failure(code: str) -> str:
    return str(_FAILURES.get(code) or _("It stopped with an error (%(code)s).") % {"code": code or "?"})


def of_time_left(left: timedelta | None) -> str:
    """Return a rough time in words; empty when there is nothing to go by."""
    if left is None:
        return ""
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(count)d hour left", "about %(count)d hours left", hours) % {"count": hours}
