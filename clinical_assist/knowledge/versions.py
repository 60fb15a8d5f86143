"""Knowledge bases as content that is proposed and reviewed: one JSON document a version."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from clinical_assist.differential import calibration
from clinical_assist.differential.model import Model
from clinical_assist.evaluation import cases
from clinical_assist.evaluation.differential import measure as evaluate
from clinical_assist.governance.versions.kinds import ContentError, Kind, Tables
from clinical_assist.knowledge import reading, tables
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.types import Calibration, Knowledge
from clinical_assist.models import KnowledgeVersion
from llmasos.retrieval.evaluators import EvaluationError

SIMULATED_CASES = 200
_SEED = 11
_SHOWN_FIGURES = ("top1", "top5", "false_outside", "ece")
_ENTRY_TABLES = ("conditions", "findings", "red_flags")


@cache
def built_in() -> str:
    """The content of the base that comes with the application."""
    return written(reading.starter())


def written(knowledge: Knowledge) -> str:
    """Return a base as content."""
    return json.dumps(reading.as_document(knowledge), ensure_ascii=False, indent=1)


def read(content: str) -> Knowledge:
    """Read and check a content. Raises ContentError."""
    try:
        document = json.loads(content)
        if not isinstance(document, dict):
            raise ContentError(_("This is no knowledge base."))
        return reading.build(document)
    except (ValueError, KnowledgeError) as error:
        raise ContentError(str(error)) from error


def for_comparison(content: str) -> Tables:
    """Return the entries of a content by table and code. Raises ContentError."""
    document = reading.as_document(read(content))
    return {
        "base": {"base": {name: document[name] for name in ("name", "version", "noise", "prior_weight")}},
        "sources": {code: {"name": text} for code, text in document["sources"].items()},
        **{name: document[name] for name in _ENTRY_TABLES},
    }


def measured(content: str, present: str) -> Mapping[str, Any]:
    """Fit a content's calibration, then rank cases simulated from it and from what is in use, each with both."""
    knowledge, other = read(content), read(present)
    fitted = calibration.fit(knowledge)
    models = {"after": Model(replace(knowledge, calibration=fitted)), "before": Model(other)}
    return {
        "calibration": asdict(fitted),
        "cases": SIMULATED_CASES,
        **{
            f"from_{source}": {name: _ranked(model, _simulated(of)) for name, model in models.items()}
            for source, of in models.items()
        },
    }


@lru_cache(maxsize=4)
def compiled(content: str, temperature: float, least_fit: float) -> Model:
    """Return a model of a content with the calibration that was fitted to it; made once a process."""
    return Model(replace(read(content), calibration=Calibration(temperature, least_fit)))


def from_files(files: Mapping[str, bytes], present: str, *, name: str) -> str:
    """Make a content from uploaded files.

    TOML changes what is in use: its entries replace those of the same code. JSON is one whole base, or the tables of a
    DDXPlus-style release; TSV or CSV is a list of diseases with their symptoms.

    Raises:
        ContentError: naming the file and what is wrong.
    """
    try:
        if all(file.endswith(".toml") for file in files):
            return _changed(files, present)
        if len(files) == 1 and (whole := _whole(next(iter(files.values())))) is not None:
            return written(whole)
        with TemporaryDirectory() as folder:
            paths = []
            for file, content in files.items():
                paths.append(Path(folder) / Path(file).name)
                paths[-1].write_bytes(content)
            return written(reading.build(tables.from_tables(paths, name=name, version="1")))
    except KnowledgeError as error:
        raise ContentError(str(error)) from error


def with_condition(present: str, code: str, *, rate: float, findings: Mapping[str, float]) -> str:
    """Return a content in which one condition has another rate and other likelihoods. Raises ContentError."""
    document = reading.as_document(read(present))
    if code not in document["conditions"]:
        raise ContentError(_("There is no such condition in what is in use."))
    document["conditions"][code] |= {"rate": rate, "findings": dict(findings)}
    return _checked(document)


def _changed(files: Mapping[str, bytes], present: str) -> str:
    document = reading.as_document(read(present))
    for file, content in files.items():
        try:
            part = tomllib.loads(content.decode())
        except ValueError as error:
            raise ContentError(_("%(file)s cannot be read: %(error)s.") % {"file": file, "error": error}) from error
        for key, value in part.items():
            if isinstance(document.get(key), dict) and isinstance(value, dict):
                document[key] |= value
            else:
                document[key] = value
    return _checked(document)


def _whole(content: bytes) -> Knowledge | None:
    """Return the base that a file holds, or None where it is something else."""
    try:
        document = json.loads(content)
    except ValueError:
        return None
    whole = isinstance(document, dict) and {"findings", "conditions"} <= document.keys()
    return reading.build(document) if whole else None


def _checked(document: Mapping[str, Any]) -> str:
    try:
        return written(reading.build(document))
    except KnowledgeError as error:
        raise ContentError(str(error)) from error


def _simulated(model: Model) -> Sequence[cases.Case]:
    generator = np.random.default_rng(_SEED)
    drawn = [calibration.simulate(model, generator) for _number in range(SIMULATED_CASES)]
    return [
        cases.Case(
            id=str(number),
            age=one.person.age,
            sex=one.person.sex,
            findings=tuple((code, None, present) for code, present in one.findings.items()),
            text="",
            names=(model.knowledge.conditions[one.condition].name,),
            categories=(),
            known=True,
        )
        for number, one in enumerate(drawn)
    ]


def _ranked(model: Model, simulated: Sequence[cases.Case]) -> Mapping[str, Any]:
    try:
        found = evaluate(model, simulated, ask=0, progress=lambda _said: None)
    except EvaluationError:
        return dict.fromkeys(_SHOWN_FIGURES)
    return {name: found[name] for name in _SHOWN_FIGURES}


KIND = Kind(
    code=KnowledgeVersion.Kind.KNOWLEDGE,
    built_in=built_in,
    tables=for_comparison,
    curate="clinical_assist:knowledge_curate",
    measure=measured,
)
