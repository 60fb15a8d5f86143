"""What a note is made of: sentences in four sections, each with what it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Section(TextChoices):
    """The parts of a note, in their order."""

    SUBJECTIVE = "subjective", _("Subjective")
    OBJECTIVE = "objective", _("Objective")
    ASSESSMENT = "assessment", _("Assessment")
    PLAN = "plan", _("Plan")


class Risk(TextChoices):
    """Where drafted notes are wrong most often: such a sentence has to be opened beside its source before signing."""

    IDENTITY = "identity", _("Identity")
    ALLERGIES = "allergies", _("Allergies")
    MEDICATION = "medication", _("Medication")
    FINDING = "finding", pgettext_lazy("clinical", "Findings")


class Origin(TextChoices):
    """Who wrote a sentence as it stands."""

    RECORD = "record", _("Drafted from the record")
    MODEL = "model", _("Worded by a language model")
    HAND = "hand", _("Written by the clinician")


@dataclass(frozen=True, slots=True)
class Source:
    """Something recorded that a sentence stands on. ``text`` is what it says; ``on`` its day as it was given."""

    kind: str
    id: str
    label: str
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. ``drafted`` comes from the record, ``worded`` from a model, ``own`` from the clinician.

    The last of them that is there counts. An empty ``own`` leaves the sentence out; None is *not touched*.
    ``key`` stays the same when the draft is made again, and says nothing about the patient.
    """

    key: str
    drafted: str = ""
    sources: tuple[Source, ...] = ()
    risk: str = ""
    worded: str = ""
    own: str | None = None

    @property
    def text(self) -> str:
        """What the note says here; empty where the sentence is left out."""
        return self.proposed if self.own is None else self.own

    @property
    def proposed(self) -> str:
        """What the draft says here without the clinician."""
        return self.worded or self.drafted

    @property
    def origin(self) -> Origin:
        if self.own is not None:
            return Origin.HAND
        return Origin.MODEL if self.worded else Origin.RECORD

    @property
    def must_open(self) -> bool:
        """Whether it is of a class that has to be opened before signing; hand-written sentences are not."""
        return bool(self.sources) and bool(self.risk or self.worded)

    @property
    def more(self) -> int:
        """How many sources it has beside the first."""
        return max(len(self.sources) - 1, 0)

    def with_own(self, text: str) -> Sentence:
        """Return the sentence as the clinician left it; the draft's own words are no change."""
        text = " ".join(text.split())
        return replace(self, own=None if self.proposed and text == self.proposed else text)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Sentence:
        sources = tuple(Source(**one) for one in content["sources"])
        return cls(**{**content, "sources": sources})


Sections = Mapping[str, Sequence[Sentence]]
NAMES: Final = tuple(Section.values)


def sections_of(content: Mapping[str, Any]) -> dict[str, list[Sentence]]:
    """Read what a note's row keeps; every section is there, in order."""
    return {name: [Sentence.of(one) for one in content.get(name, ())] for name in NAMES}


def content_of(sections: Sections) -> dict[str, Any]:
    """Return what the row keeps."""
    return {name: [one.as_dict() for one in sections.get(name, ())] for name in NAMES}


def sentences(sections: Sections) -> Iterator[Sentence]:
    """Go through all sentences in the order of the note."""
    for name in NAMES:
        yield from sections.get(name, ())


def unopened(sections: Sections, opened: Sequence[str]) -> list[Sentence]:
    """Return the sentences that have to be opened before signing and were not."""
    return [one for one in sentences(sections) if one.must_open and one.key not in opened]
