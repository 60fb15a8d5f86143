"""What is said of each model and rule set: one TOML file each, over what holds for all of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from clinical_assist.governance.about.attributes import KEYS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DATA = Path(__file__).parent / "data"
NAMES: Final[Mapping[str, StrOrPromise]] = {
    "differential": _("Differential"),
    "recognition": _("Recognition of findings in text"),
    "red_flags": _("Red flags"),
    "medicine_checks": _("Checks of medicines"),
    "order_sets": _("Order sets"),
    "calculators": _("Calculators"),
    "language_model": _("Language model"),
    "embedding_model": _("Embedding model"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured: on what, with which result, when, and by which command."""

    what: str
    result: str
    on: str
    command: str


@dataclass(frozen=True, slots=True)
class About:
    """What is said of one model or rule set. ``attributes`` has every key of ``attributes.KEYS``."""

    code: str
    summary: str
    attributes: Mapping[str, str]
    figures: tuple[Figure, ...]
    limits: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(NAMES[self.code])


@cache
def about(code: str) -> About:
    """Return what is said of one. Raises KeyError for an unknown code, ValueError for data with a gap."""
    NAMES[code]
    shared, own = _table("common"), _table(code)
    said = {**shared["attributes"], **own.get("attributes", {})}
    if gaps := [key for key in KEYS if not said.get(key)]:
        raise ValueError(f"{code}.toml says nothing of {', '.join(gaps)}.")
    return About(
        code=code,
        summary=own["summary"],
        attributes={key: said[key] for key in KEYS},
        figures=tuple(Figure(**figure) for figure in own.get("figures", ())),
        limits=tuple(own["limits"]),
        changes=tuple(own["changes"]),
    )


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
