"""A case: who it is, what was told, and the findings as the clinician left them. What follows is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from clinical_assist.differential.model import Person
from clinical_assist.intake.engine import Engine
from clinical_assist.knowledge.types import Finding, RedFlag
from clinical_assist.recognition.recogniser import Chip, Recognised

LONGEST_TEXT = 8_000
STATES = {"present": _("present"), "absent": _("absent"), "unknown": _("not known")}
STATUSES = {"family": _("somebody else's"), "past": _("in the past"), "uncertain": _("uncertain")}
# Where the state of a finding comes from; "record:ID" names an item of the record.
TEXT, HAND, ASKED, RECORD = "text", "hand", "asked", "record"
NOTHING_READ = Recognised(None, "", (), frozenset())


@dataclass(frozen=True, slots=True)
class Row:
    """A finding of the case with its state, where that comes from, and the words in which the text has it.

    ``overruled`` is a finding within an absent one that is there: the outer one counts as present then.
    """

    finding: Finding
    state: str
    origin: str
    words: str
    status: str
    overruled: Finding | None = None

    @property
    def status_label(self) -> str:
        return str(STATUSES.get(self.status, ""))

    @property
    def item_id(self) -> str:
        """The item of the record from which it was taken; empty where it was not."""
        return self.origin.removeprefix(f"{RECORD}:") if self.origin.startswith(RECORD) else ""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known in one encounter, or on the page without a patient."""

    person: Person
    text: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    read: Recognised = NOTHING_READ

    @property
    def findings(self) -> dict[str, bool]:
        """What is reasoned with: present and absent."""
        return {code: state == "present" for code, state in self.states.items() if state != "unknown"}


def changed(
    before: Case, *, text: str, chosen: Mapping[str, str], asked: Mapping[str, str], read: Recognised, known: Engine
) -> Case:
    """Return the case after a text was typed, states were chosen and a question was answered.

    A text that changed is read again: what had come from the text alone follows it, what the clinician set stays.
    """
    states, origins = dict(before.states), dict(before.origins)
    if text != before.text:
        for code in [code for code, origin in origins.items() if origin == TEXT]:
            del states[code], origins[code]
        for code, state in read_states(read).items():
            if code not in states:
                states[code], origins[code] = state, TEXT
    for origin, set_by in ((HAND, chosen), (ASKED, asked)):
        for code, state in set_by.items():
            if code not in known.model.rows or state not in STATES:
                continue
            if before.states.get(code) != state or origin == ASKED:
                states[code], origins[code] = state, origin
    return Case(before.person, text, states, origins, read)


def read_states(read: Recognised) -> dict[str, str]:
    """Return the states in which a text has its findings; what is neither there nor denied is not known."""
    used = read.findings()
    return {
        chip.code: ("present" if used[chip.code] else "absent") if chip.code in used else "unknown"
        for chip in read.chips
    }


def rows(case: Case, engine: Engine) -> list[Row]:
    """All findings of the case in the order in which they came up; those that the base no longer has are left out."""
    chips: dict[str, Chip] = {chip.code: chip for chip in case.read.chips}
    inner = _inner(case, engine)
    found = []
    for code, state in case.states.items():
        finding, chip = engine.knowledge.findings.get(code), chips.get(code)
        if finding is not None:
            words, status = (chip.words, str(chip.status)) if chip else ("", "")
            overruled = inner.get(code) if state == "absent" else None
            found.append(Row(finding, state, case.origins.get(code, ""), words, status, overruled))
    return found


def _inner(case: Case, engine: Engine) -> dict[str, Finding]:
    """By the code of a finding, one within it that is present."""
    known = engine.knowledge.findings
    found: dict[str, Finding] = {}
    for code in [code for code, state in case.states.items() if state == "present" and code in known]:
        outer = known[code].parent
        while outer:
            found.setdefault(outer, known[code])
            outer = known[outer].parent
    return found


def question(case: Case, engine: Engine) -> Finding | None:
    """The finding to ask for next; None while nothing is known, and when nothing is left to ask."""
    if not case.findings:
        return None
    unanswered = {code for code, state in case.states.items() if state == "unknown"}
    best = engine.interviewer.next(case.person, engine.model.close(case.findings), skip=unanswered)
    return engine.knowledge.findings[best[0].finding] if best else None


def red_flags(case: Case, engine: Engine) -> list[RedFlag]:
    """The red flags that apply; an unknown age excludes none."""
    present = {code for code, here in engine.model.close(case.findings).states.items() if here}
    age = case.person.age
    return [
        flag
        for flag in engine.knowledge.red_flags
        if present.issuperset(flag.every)
        and (not flag.some or present & set(flag.some))
        and (age is None or flag.youngest <= age <= flag.oldest)
    ]
