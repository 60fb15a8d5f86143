"""Which medicine is meant: generic names, other names and brands; what is misspelt is asked, never guessed."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import Library, Medicine

_ENOUGH = 80.0
_SUGGESTIONS = 3
# Salts and forms that are written behind a name and do not make another medicine.
_ENDINGS = re.compile(
    r"\s+(sodium|potassium|calcium|hydrochloride|hcl|hydrobromide|maleate|besilate|besylate|tartrate|bitartrate|"
    r"succinate|mesilate|mesylate|fumarate|citrate|phosphate|sulfate|sulphate|acetate|propionate|hyclate|trihydrate|"
    r"monohydrate|anhydrous|magnesium|tablets?|capsules?|xr|xl|sr|er|cr|mr|la|ec|retard|ds|forte|"
    r"modified[- ]release|extended[- ]release|enteric[- ]coated|oral|suspension|syrup|sachets?|injection|sublingual|"
    r"spray|nasal|inhaler|nebules?|patch(?:es)?|suppositor(?:y|ies)|\d+(?:\.\d+)?/\d+(?:\.\d+)?)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a name means: one medicine; or none, with what may have been meant."""

    text: str
    medicine: Medicine | None
    suggestions: tuple[str, ...] = ()


def medicine_named(text: str) -> Named:
    """Return the medicine of a name, or suggestions where it is misspelt or unknown."""
    names = _names(library())
    wanted = without_salt(text)
    if wanted in names:
        return Named(text, names[wanted])
    if len(wanted) < 4:
        return Named(text, None)
    near = process.extract(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=_ENOUGH, limit=2 * _SUGGESTIONS)
    found = dict.fromkeys(names[name].name for name, _score, _at in near)
    return Named(text, None, tuple(found)[:_SUGGESTIONS])


def medicines_in(text: str) -> list[Medicine]:
    """Return the medicines that a text names, each once, in their order.

    Misspelt ones are not found, nor names of three letters: "inh" is mostly the way to take something.
    """
    names = _names(library())
    words = re.findall(r"[\w-]+", _plain(text))
    spans = (" ".join(words[at : at + size]) for at in range(len(words)) for size in (3, 2, 1))
    return list(dict.fromkeys(names[one] for one in spans if len(one) > 3 and one in names))


def without_salt(text: str) -> str:
    """Return a name without the salts, forms and strengths behind it, up to where it is one that is known."""
    names, wanted = _names(library()), _plain(text)
    while wanted not in names and (shorter := _ENDINGS.sub("", wanted)) != wanted:
        wanted = shorter
    return wanted


def reaction_named(text: str) -> tuple[Medicine | str | None, tuple[str, ...]]:
    """Return the medicine or class that a reaction is to, such as "penicillins" or "sulfa"; or None and suggestions."""
    named = medicine_named(text)
    if named.medicine is not None:
        return named.medicine, ()
    wanted = _plain(text)
    wanted = _CLASS_WORDS.get(wanted, wanted)
    known = {name.casefold(): name for name in library().classes}
    found = known.get(wanted) or known.get(wanted.removesuffix("s"))
    near = process.extract(wanted, known.keys(), scorer=fuzz.ratio, score_cutoff=_ENOUGH, limit=_SUGGESTIONS)
    return found, () if found else (*named.suggestions, *(known[name] for name, _score, _at in near))


def reaction_asked(text: str) -> tuple[Medicine | str | None, str]:
    """Return the medicine or class that a reaction is to, or None and the question that has to be asked."""
    found, suggestions = reaction_named(text)
    if found is not None:
        return found, ""
    if suggestions:
        asked = _("To what was the reaction “%(name)s”? Did you mean: %(choices)s?")
        return None, asked % {"name": text, "choices": ", ".join(suggestions)}
    asked = _("The reaction to “%(name)s” is to no medicine that is known here: look yourself.")
    return None, asked % {"name": text}


_CLASS_WORDS = {
    "sulfa": "sulfonamide antibiotic",
    "sulfonamides": "sulfonamide antibiotic",
    "sulphonamides": "sulfonamide antibiotic",
    "sulpha": "sulfonamide antibiotic",
    "sulfa drugs": "sulfonamide antibiotic",
    "sulfa antibiotics": "sulfonamide antibiotic",
    "pcn": "penicillin",
    "quinolones": "fluoroquinolone",
    "nsaids": "nsaid",
    "anti-inflammatories": "nsaid",
    "arbs": "angiotensin receptor blocker",
    "sartans": "angiotensin receptor blocker",
    "local anaesthetics": "amide local anaesthetic",
    "ppis": "proton pump inhibitor",
    "opiates": "phenanthrene opioid",
    "opioids": "phenanthrene opioid",
    "ace inhibitors": "ace inhibitor",
}


@functools.lru_cache(maxsize=16)
def _names(tables: Library) -> dict[str, Medicine]:
    return {
        _plain(name): one
        for one in tables.medicines.values()
        for name in (*one.brands, *one.also, one.name)
    }  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").replace("®", "").replace("™", "").split())
