"""The demo class: its names, and what each of a hundred pupils answers. All of it is made up, and always the same."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
CLASS_SIZE = 100
_SLIP_SHARE = 0.18
_OPENERS = ("", "", "", "", "I think ", "In my opinion ", "Well, ", "Because ", "I would say that ")
_GIVEN = (
    "Ada", "Ahmet", "Aiko", "Alma", "Amir", "Anouk", "Bela", "Carla", "Chen", "Daria", "Dilan", "Elif", "Emil", "Esra",
    "Fatou", "Felix", "Greta", "Hana", "Hugo", "Ines", "Ivo", "Jana", "Jonas", "Kofi", "Lena", "Leo", "Lin", "Mara",
    "Mehdi", "Mila", "Nils", "Noor", "Oda", "Omar", "Pia", "Quentin", "Rosa", "Sami", "Tara", "Theo", "Uma", "Vera",
    "Wanja", "Xenia", "Yara", "Zoe",
)  # fmt: skip
_FAMILY = (
    "Abel", "Baran", "Castro", "Diallo", "Ekdal", "Farkas", "Grimm", "Horvat", "Iversen", "Jansen", "Keller", "Lindt",
    "Moreau", "Nowak", "Okafor", "Petrov", "Quint", "Ritter", "Sato", "Tanaka", "Ueda", "Vogel", "Weiss", "Yilmaz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pupil:
    """A made-up pupil; ``groups`` are what this school compares on its fairness page."""

    name: str
    number: str
    section: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """An answer, and how its author meant it: a level for each criterion, or points for a number."""

    text: str
    levels: Mapping[str, str] = field(default_factory=dict)
    points: float | None = None
    choices: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def pupils() -> tuple[Pupil, ...]:
    """Return the class."""
    chance = random.Random("pupils")  # noqa: S311 - a made-up class, the same everywhere
    names = [f"{given} {family}" for given in _GIVEN for family in _FAMILY]
    chosen = chance.sample(names, CLASS_SIZE)
    return tuple(
        Pupil(
            name,
            f"R{2001 + number}",
            "9a" if number % 2 else "9b",
            tuple(group for group, share in (("German at home", 0.3), ("Extra time", 0.12)) if chance.random() < share),
        )
        for number, name in enumerate(chosen)
    )


@lru_cache(maxsize=8)
def assignment(name: str) -> Mapping[str, Any]:
    """Return an assignment as its file describes it."""
    return tomllib.loads((FOLDER / "work" / f"{name}.toml").read_text(encoding="utf-8"))


def answers(question: Mapping[str, Any]) -> list[Written]:
    """Return one answer of each pupil, in the order of ``pupils``; none for a question without any."""
    chance = random.Random(question["prompt"])  # noqa: S311 - see above
    if "numbers" in question:
        made = _numbers(question["numbers"], chance)
    elif "picks" in question:
        made = _spread(
            [
                (pick["share"], Written("", points=pick.get("points"), choices=tuple(pick["choices"])))
                for pick in question["picks"]
            ]
        )
    elif "mix" in question:
        made = list(_composed(question, chance))
    else:
        return []
    made = (made * (CLASS_SIZE // len(made) + 1))[:CLASS_SIZE]
    chance.shuffle(made)
    return made


def _numbers(groups: Sequence[Mapping[str, Any]], chance: random.Random) -> list[Written]:
    return [
        Written(chance.choice(group["texts"]), points=float(group["points"]))
        for group in groups
        for _ in range(group["share"])
    ]


def _spread(shares: Sequence[tuple[int, Written]]) -> list[Written]:
    return [written for share, written in shares for _ in range(share)]


def _composed(question: Mapping[str, Any], chance: random.Random) -> Iterator[Written]:
    """Put fragments together as each share of the class would, and hand some of them in with a slip of the pen."""
    for other in question.get("others", ()):
        for text in other["texts"]:
            yield Written(text, other["levels"])
    for mix in question["mix"]:
        for _ in range(mix["share"]):
            parts = [chance.choice(criterion[mix["levels"][criterion["id"]]]) for criterion in question["criteria"]]
            text = parts[0]
            for part in parts[1:]:
                join = chance.choice(question["join"])
                text += join + (part[0].upper() + part[1:] if join.endswith(". ") else part)
            if not text.endswith("."):
                text = chance.choice(_OPENERS) + text + chance.choice((".", ".", "", "!"))
            if chance.random() < 0.7:
                text = text[0].upper() + text[1:]
            yield Written(_slipped(text, chance) if chance.random() < _SLIP_SHARE else text, mix["levels"])


def _slipped(text: str, chance: random.Random) -> str:
    """Swap two letters inside a word, or drop one."""
    at = chance.randrange(1, max(2, len(text) - 2))
    if not text[at : at + 2].isalpha():
        return text.lower()
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if chance.random() < 0.5 else text[:at] + text[at + 1 :]
