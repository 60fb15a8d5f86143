"""The clinician's own list: what was written, which conditions it names, and how it compares with the machine's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinical_assist.intake.engine import Engine
from clinical_assist.intake.options import Shown
from clinical_assist.knowledge.wording import said

MOST_LINES = 20
LONGEST_LINE = 200
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the own list, or one option that is not on it, with what the other side says, in words."""

    name: str
    said: str
    is_shared: bool


def lines_of(text: str, engine: Engine) -> list[dict[str, str]]:
    """Return the lines of a list, each with the condition of the base that it names, empty where it names none."""
    names = {
        _normal(name): condition.code
        for condition in reversed(engine.knowledge.conditions)
        for name in (*condition.synonyms, condition.name, said(condition))
    }
    lines = [" ".join(line.split())[:LONGEST_LINE] for line in text.splitlines()]
    return [{"text": line, "code": _named(_normal(line), names)} for line in lines if line][:MOST_LINES]


def compared(own: Sequence[Mapping[str, str]], shown: Shown, engine: Engine) -> tuple[str, list[Compared]]:
    """Return how far the two lists agree, in a sentence, and what each has that the other has not."""
    places = {code: place for place, code in enumerate(shown.assessment.ranking, 1)}
    listed = [one.condition for one in shown.options]
    codes = {condition.code for condition in listed}
    mine = {line["code"] for line in own} - {""}
    rows = [_own(line, places, codes, engine) for line in own]
    rows += [
        Compared(said(condition), _("listed by the machine; not on your list"), is_shared=False)
        for condition in listed
        if condition.code not in mine
    ]
    return _agreement(own, mine, codes, shown.assessment.ranking[:1]), rows


def _named(line: str, names: Mapping[str, str]) -> str:
    """Return the condition of this name, else the only one with all its words in a name ("panic": panic disorder)."""
    if line in names:
        return names[line]
    words = set(line.split())
    found = {code for name, code in names.items() if words and words <= set(name.split())}
    return found.pop() if len(found) == 1 else ""


def _own(line: Mapping[str, str], places: Mapping[str, int], listed: Iterable[str], engine: Engine) -> Compared:
    code = line["code"]
    if code not in engine.conditions:
        return Compared(line["text"], _("not among the conditions that the machine knows"), is_shared=False)
    if code in set(listed):
        said = _("on both lists; the machine has it at place %(place)s") % {"place": places[code]}
        return Compared(line["text"], said, is_shared=True)
    said = _("on your list; the machine has it only at place %(place)s") % {"place": places[code]}
    return Compared(line["text"], said, is_shared=False)


def _agreement(own: Sequence[Mapping[str, str]], mine: set[str], codes: set[str], first: Sequence[str]) -> str:
    if not own:
        return _("No list of yours was written before the machine's was shown.")
    shared = len(mine & codes)
    if shared == 0:
        return _("Nothing on your list is among what the machine lists. Look at why before you go on.")
    if own[0]["code"] and own[0]["code"] in first:
        return _("Your first and the machine's first are the same. Both can be wrong together.")
    return _("%(shared)s of the %(count)s on your list are also among what the machine lists.") % {
        "shared": shared,
        "count": len(own),
    }


def _normal(name: str) -> str:
    return " ".join(_WORDS.findall(name.lower()))
