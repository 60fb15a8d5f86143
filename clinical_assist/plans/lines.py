"""What a line of a plan says. It goes to and from the sealed content of its row.

Times are ISO texts with their zone. A dose is at once, in ``unit``, the medicine's own of the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any, Literal, Self

from clinical_assist.knowledge.reading import starter
from clinical_assist.knowledge.types import Condition
from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import Order

SourceKind = Literal["order_set", "work", "finding", "record", "hand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a line stands on: the line of an order set, the work that it names, a finding, an item, or who wrote it.

    ``reference`` is the code of the line or finding, or the id of the item or person; ``text`` is what is read.
    """

    kind: SourceKind
    reference: str
    text: str


@cache
def _of_starter() -> Mapping[str, Condition]:
    return {one.code: one for one in starter().conditions}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A condition that is planned for, as the knowledge in use called it then, and why: later versions change neither.

    ``code`` is the knowledge base's; ``grounds`` are what the choice stood on.
    """

    code: str
    name: str
    icd10: tuple[str, ...] = ()
    grounds: tuple[Source, ...] = ()

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read what a plan keeps; one that was kept without its name and codes is of the starter, and has those."""
        code = str(content["code"])
        known = None if "icd10" in content else _of_starter().get(code)
        return cls(
            code=code,
            name=str(content.get("name") or (known.name if known else code.replace("_", " "))),
            icd10=tuple(content.get("icd10", known.icd10 if known else ())),
            grounds=tuple(Source(**one) for one in content["grounds"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An alert that was overridden: which one, by whom (a person's id), when and why.

    ``key`` names the alert with the values that it stood on: other values are another alert. ``alert`` is its text as
    it was shown, of rule ``rule``. ``rules`` are the keys of what each rule of it said, where there were several.
    ``code`` is of ``clinical_assist.plans.reasons``; ``text`` are the person's words, required in tier 1.
    """

    key: str
    rule: str
    tier: int
    alert: str
    code: str
    text: str
    by: str
    at: str
    rules: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """The keys of what the rules said that was overridden."""
        return self.rules or (self.key,)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read what a line keeps."""
        return cls(**{**content, "rules": tuple(content.get("rules", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. ``text`` is what is to be done; ``why`` is the order set's sentence, ``worded`` a model's words for it.

    ``revision`` is that of the plan in which the line was last changed, ``by`` (a person's id) and ``at`` who and when.
    ``set_line`` is the code of the order set's line, with the ``version`` it is of. ``firings`` are the ids of the
    counts of alerts that were shown for the line, by the key of what each rule said. A line that was ``stopped`` when
    its draft was last changed had an alert of tier 1 that nobody had answered: it is no order and is not printed or
    exported.
    """

    text: str
    medicine: str = ""
    dose: float | None = None
    unit: str = ""
    times_a_day: float | None = None
    days: int | None = None
    note: str = ""
    whom: str = ""
    why: str = ""
    worded: str = ""
    model: str = ""
    condition: str = ""
    set_line: str = ""
    version: str = ""
    urgent: bool = False
    stopped: bool = False
    revision: int = 1
    by: str = ""
    at: str = ""
    sources: tuple[Source, ...] = ()
    overrides: tuple[Override, ...] = ()
    firings: Mapping[str, int] = field(default_factory=dict)

    @property
    def order(self) -> Order | None:
        """The order that the checks see; None where the line is of no medicine of the library."""
        found = library().medicines.get(self.medicine)
        return Order(found, self.dose, self.times_a_day) if found else None

    def content(self) -> dict[str, Any]:
        """Return what the row keeps."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read a row's content; what an older version did not know has its default."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in content.items() if name in known}
        values["sources"] = tuple(Source(**one) for one in values.get("sources", ()))
        values["overrides"] = tuple(Override.of(one) for one in values.get("overrides", ()))
        return cls(**values)
