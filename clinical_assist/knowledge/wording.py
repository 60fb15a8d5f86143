"""Names of the starter's conditions, findings and red flags in the reader's language.

Codes, synonyms and what is recognised in text stay English. A name is looked up by its English form, so that a base
with another name under the same code keeps its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinical_assist.knowledge import reading
from clinical_assist.knowledge.types import Condition, Finding, RedFlag

NAMES = Path(__file__).parent / "names"


def said(entry: Condition | Finding | RedFlag) -> str:
    """Return the name in the reader's language, in English where there is none."""
    return named(entry.name)


def named(name: str) -> str:
    """Return an English name of a condition, finding or red flag in the reader's language, where there is one."""
    return names_in(get_language() or "en").get(name, name)


def asked(finding: Finding) -> str:
    """Return the question in the reader's language; made of the name where only that is translated."""
    name = said(finding)
    if name == finding.name:
        return finding.question or finding.name
    return _("Is there: %(name)s?") % {"name": name}


@cache
def names_in(language: str) -> Mapping[str, str]:
    """Return the names of a language by their English form; empty where nothing is translated."""
    path = NAMES / f"{language.lower()}.toml"
    if not path.exists():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    knowledge = reading.starter()
    entries = (
        ("conditions", {one.code: one.name for one in knowledge.conditions}),
        ("findings", {code: one.name for code, one in knowledge.findings.items()}),
        ("red_flags", {one.code: one.name for one in knowledge.red_flags}),
    )
    return {
        english[code]: str(name)
        for table, english in entries
        for code, name in tables.get(table, {}).items()
        if code in english
    }
