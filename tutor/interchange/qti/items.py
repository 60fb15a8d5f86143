"""Items of QTI 2.1, 2.2 and 3.0."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from tutor.interchange.qti.elements import every, first, get, name_of, number, points, text_of
from tutor.interchange.qti.types import LETTERS, ReadOption, ReadQuestion, UnsupportedItemError
from tutor.models import Question

_TAKEN: Final = frozenset({"choiceinteraction", "textentryinteraction", "extendedtextinteraction"})
_ASIDE: Final = frozenset({*_TAKEN, "feedbackinline", "feedbackblock", "modalfeedback", "rubricblock", "stylesheet"})


def read_item(item: Element) -> ReadQuestion:
    """Read an ``assessmentItem``.

    Raises:
        UnsupportedItemError: it asks in a way, or in several parts, that questions here do not.
    """
    body = first(item, "itembody")
    if body is None:
        raise UnsupportedItemError(_("It has no text."))
    asked = [one for one in body.iter() if name_of(one).endswith("interaction")]
    if not asked:
        raise UnsupportedItemError(_("It asks for nothing."))
    unknown = sorted({name_of(one) for one in asked} - _TAKEN)
    if unknown:
        raise UnsupportedItemError(_("Its kind is not taken over: %(kind)s.") % {"kind": ", ".join(unknown)[:80]})
    if len(asked) > 1:
        raise UnsupportedItemError(
            _("It asks %(count)s things at once: make a question of each.") % {"count": len(asked)}
        )
    interaction = asked[0]
    prompt = "\n".join(filter(None, (text_of(body, without=_ASIDE), text_of(first(interaction, "prompt")))))
    if not prompt:
        raise UnsupportedItemError(_("It has no text."))
    declared = _declaration(item, get(interaction, "responseIdentifier"))
    title = get(item, "title") or get(item, "identifier")
    notes = (_("Pictures are left out."),) if every(body, "img", "object") else ()
    worth = _points(item)
    if name_of(interaction) == "choiceinteraction":
        options = _options(item, interaction, set(_correct(declared)))
        return ReadQuestion(title, Question.Kind.CHOICE, prompt, worth, options=options, notes=notes)
    references = tuple(dict.fromkeys(_correct(declared)))
    if name_of(interaction) == "extendedtextinteraction":
        return ReadQuestion(title, Question.Kind.ESSAY, prompt, worth, references=references, notes=notes)
    if declared is not None and get(declared, "baseType") in {"float", "integer"}:
        value = number(references[0]) if references else None
        if value is None:
            raise UnsupportedItemError(_("It asks for a number and does not say which is right."))
        tolerance = _tolerance(item, value)
        return ReadQuestion(
            title, Question.Kind.NUMERIC, prompt, worth, numeric_value=value, numeric_tolerance=tolerance, notes=notes
        )
    return ReadQuestion(title, Question.Kind.SHORT, prompt, worth, references=references, notes=notes)


def _declaration(item: Element, identifier: str) -> Element | None:
    found = every(item, "responsedeclaration")
    return next((one for one in found if get(one, "identifier") == identifier), None)


def _correct(declared: Element | None) -> list[str]:
    """Return the right responses: those named as such, then those that a mapping gives points for."""
    if declared is None:
        return []
    named = first(declared, "correctresponse")
    values = [text_of(one) for one in every(named, "value")] if named is not None else []
    mapped = [get(one, "mapKey") for one in every(declared, "mapentry") if (number(get(one, "mappedValue")) or 0.0) > 0]
    if get(declared, "baseType") == "identifier" and values:
        return values
    return [one for one in (*values, *mapped) if one]


def _options(item: Element, interaction: Element, right: set[str]) -> tuple[ReadOption, ...]:
    shown = {get(one, "identifier"): text_of(one) for one in every(item, "modalfeedback")}
    choices = every(interaction, "simplechoice")
    if len(choices) > len(LETTERS):
        raise UnsupportedItemError(_("It has more than %(limit)s choices.") % {"limit": len(LETTERS)})
    if len(choices) < 2 or not right:
        raise UnsupportedItemError(_("It does not say which choice is right."))
    return tuple(
        ReadOption(
            id=letter,
            text=text_of(choice, without=frozenset({"feedbackinline"})) or get(choice, "identifier"),
            correct=get(choice, "identifier") in right,
            feedback=text_of(first(choice, "feedbackinline")) or shown.get(get(choice, "identifier"), ""),
        )
        for letter, choice in zip(LETTERS, choices, strict=False)
    )


def _tolerance(item: Element, value: float) -> float:
    """Return how far off still counts, in the number's own unit."""
    for test in every(item, "equal"):
        widths = [found for part in get(test, "tolerance").split() if (found := number(part)) is not None]
        if get(test, "toleranceMode") == "absolute" and widths:
            return abs(max(widths))
        if get(test, "toleranceMode") == "relative" and widths:
            return abs(value) * max(widths) / 100
    return 0.0


def _points(item: Element) -> Decimal:
    for outcome in every(item, "outcomedeclaration"):
        name = get(outcome, "identifier").upper()
        if name == "MAXSCORE" and (value := first(outcome, "value")) is not None:
            return points(text_of(value))
        if name == "SCORE" and get(outcome, "normalMaximum"):
            return points(get(outcome, "normalMaximum"))
    return Decimal(1)
