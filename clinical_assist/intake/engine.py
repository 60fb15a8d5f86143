"""The engine with which an organisation works: its version of the knowledge in use, made once a process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from uuid import UUID

from clinical_assist.differential.asking import Interviewer
from clinical_assist.differential.model import Model
from clinical_assist.knowledge import reading
from clinical_assist.knowledge.types import Calibration, Condition, Knowledge
from clinical_assist.knowledge.versions import read
from clinical_assist.models import KnowledgeVersion
from clinical_assist.recognition.recogniser import Recogniser


@dataclass(frozen=True)
class Engine:
    """A knowledge base with what computes with it."""

    model: Model
    interviewer: Interviewer
    recogniser: Recogniser
    conditions: dict[str, Condition]

    @property
    def knowledge(self) -> Knowledge:
        return self.model.knowledge

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Codes of the conditions by name and synonym, folded; a name goes before another's synonym."""
        conditions = self.knowledge.conditions
        synonyms = {name.casefold(): one.code for one in conditions for name in one.synonyms}
        return synonyms | {one.name.casefold(): one.code for one in conditions}


def engine_of(organisation_id: UUID) -> Engine:
    """Return the engine of the version in use; inside ``acting_in``."""
    rows = KnowledgeVersion.objects.for_organisation(organisation_id).filter(
        kind=KnowledgeVersion.Kind.KNOWLEDGE, state=KnowledgeVersion.State.ACTIVE
    )
    version_id = rows.values_list("pk", flat=True).first()
    return starter() if version_id is None else _of_version(organisation_id, version_id)


@cache
def starter() -> Engine:
    """Return the engine of the base that comes with the application."""
    return _engine(reading.starter())


@lru_cache(maxsize=8)
def _of_version(organisation_id: UUID, version_id: UUID) -> Engine:
    version = KnowledgeVersion.objects.for_organisation(organisation_id).get(pk=version_id)
    knowledge = read(version.content)
    fitted = Calibration(**version.figures["calibration"]) if version.figures else knowledge.calibration
    local = f"{knowledge.version}, local {version.number}"
    return _engine(replace(knowledge, calibration=fitted, version=local))


def _engine(knowledge: Knowledge) -> Engine:
    model = Model(knowledge)
    conditions = {condition.code: condition for condition in knowledge.conditions}
    return Engine(model, Interviewer(model), Recogniser(knowledge), conditions)
