"""Items of QTI 1.2, as Canvas and older systems write them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from tutor.interchange.qti.elements import every, first, get, html_text, name_of, number, points, text_of
from tutor.interchange.qti.types import LETTERS, ReadOption, ReadQuestion, UnsupportedItemError
from tutor.models import Question

_RESPONSES = ("responselid", "responsestr", "responsenum", "responsexy", "responsegrp")


def read_item(item: Element) -> ReadQuestion:
    """Read an ``item``.

    Raises:
        UnsupportedItemError: it asks in a way, or in several parts, that questions here do not.
    """
    presentation = first(item, "presentation")
    meta = dict(_metadata(item))
    kind = meta.get("question_type", "")
    if presentation is None:
        raise UnsupportedItemError(_("It has no text."))
    asked = every(presentation, *_RESPONSES)
    if len(asked) > 1:
        raise UnsupportedItemError(
            _("It asks %(count)s things at once: make a question of each.") % {"count": len(asked)}
        )
    if not asked or name_of(asked[0]) in {"responsexy", "responsegrp"} or kind == "file_upload_question":
        raise UnsupportedItemError(_("Its kind is not taken over: %(kind)s.") % {"kind": (kind or "?")[:80]})
    response = asked[0]
    prompt = "\n".join(filter(None, map(_words, _materials(presentation, outside=response))))
    if not prompt:
        raise UnsupportedItemError(_("It has no text."))
    title = get(item, "title") or get(item, "ident")
    worth = points(meta.get("points_possible") or meta.get("qmd_weighting") or meta.get("cc_weighting") or "1")
    pictured = every(presentation, "matimage") or any("<img" in text_of(one) for one in every(presentation, "mattext"))
    notes = (_("Pictures are left out."),) if pictured else ()
    right = _right(item, get(response, "ident"))
    if name_of(response) == "responselid":
        return ReadQuestion(
            title, Question.Kind.CHOICE, prompt, worth, options=_options(item, response, right), notes=notes
        )
    if kind == "essay_question" or (not right and kind != "short_answer_question"):
        return ReadQuestion(title, Question.Kind.ESSAY, prompt, worth, notes=notes)
    if kind == "numerical_question" or name_of(response) == "responsenum":
        return _numeric(item, title, prompt, worth, right, notes)
    return ReadQuestion(title, Question.Kind.SHORT, prompt, worth, references=tuple(dict.fromkeys(right)), notes=notes)


def _metadata(item: Element) -> Iterator[tuple[str, str]]:
    for one in every(item, "qtimetadatafield"):
        yield text_of(first(one, "fieldlabel")), text_of(first(one, "fieldentry"))


def _materials(presentation: Element, *, outside: Element) -> list[Element]:
    """Return the texts before and after the place for the response."""
    inside = {id(one) for one in outside.iter()}
    return [one for one in every(presentation, "mattext") if id(one) not in inside]


def _words(mattext: Element) -> str:
    return html_text(text_of(mattext))


def _scored(item: Element) -> Iterator[Element]:
    """Give the conditions that give points."""
    for condition in every(item, "respcondition"):
        if any((number(text_of(one)) or 0.0) > 0 for one in every(condition, "setvar")):
            yield condition


def _right(item: Element, response: str) -> list[str]:
    """Return the values that give points, without those that must not be chosen."""
    found: list[str] = []
    for condition in _scored(item):
        refused = {id(inner) for one in every(condition, "not") for inner in one.iter()}
        found += [
            text_of(one)
            for one in every(condition, "varequal")
            if id(one) not in refused and get(one, "respident") in {"", response}
        ]
    return [one for one in dict.fromkeys(found) if one]


def _options(item: Element, response: Element, right: list[str]) -> tuple[ReadOption, ...]:
    labels = every(response, "responselabel")
    if len(labels) > len(LETTERS):
        raise UnsupportedItemError(_("It has more than %(limit)s choices.") % {"limit": len(LETTERS)})
    if len(labels) < 2 or not set(right) & {get(one, "ident") for one in labels}:
        raise UnsupportedItemError(_("It does not say which choice is right."))
    feedback = _feedback(item)
    return tuple(
        ReadOption(
            id=letter,
            text="\n".join(filter(None, map(_words, every(label, "mattext")))) or get(label, "ident"),
            correct=get(label, "ident") in right,
            feedback=feedback.get(get(label, "ident"), ""),
        )
        for letter, label in zip(LETTERS, labels, strict=False)
    )


def _feedback(item: Element) -> dict[str, str]:
    """Return what is said to who chose an option, by the option."""
    texts = {
        get(one, "ident"): "\n".join(filter(None, map(_words, every(one, "mattext"))))
        for one in every(item, "itemfeedback")
    }
    found: dict[str, str] = {}
    for condition in every(item, "respcondition"):
        chosen = [text_of(one) for one in every(condition, "varequal")]
        for shown in every(condition, "displayfeedback"):
            if len(chosen) == 1 and texts.get(get(shown, "linkrefid")):
                found.setdefault(chosen[0], texts[get(shown, "linkrefid")])
    return found


def _numeric(
    item: Element, title: str, prompt: str, worth: Decimal, right: list[str], notes: tuple[str, ...]
) -> ReadQuestion:
    values = [found for one in right if (found := number(one)) is not None]
    if not values:
        raise UnsupportedItemError(_("It asks for a number and does not say which is right."))
    value = values[0]
    bounds = [
        found
        for condition in _scored(item)
        for one in every(condition, "vargte", "varlte", "vargt", "varlt")
        if (found := number(text_of(one))) is not None
    ]
    tolerance = max((abs(one - value) for one in bounds), default=0.0)
    return ReadQuestion(
        title, Question.Kind.NUMERIC, prompt, worth, numeric_value=value, numeric_tolerance=tolerance, notes=notes
    )
