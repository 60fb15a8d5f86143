"""Knowledge bases from files: a folder of TOML that people write, or one JSON document that an import made.

Both have the same tables: ``findings``, ``conditions``, ``red_flags``, ``sources``, ``calibration``, and ``name``,
``version``, ``noise`` and ``prior_weight`` at the top. In TOML the findings of a condition may be written as one text,
``cough=0.9 fever=0.6``, and words of a finding with commas between.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.types import (
    AGE_BANDS,
    SEASONS,
    Calibration,
    Condition,
    Finding,
    Knowledge,
    RedFlag,
)

STARTER = Path(__file__).parent / "starter"
COURSE = ("lasting_hours", "lasting_days", "lasting_weeks", "lasting_months")
_TABLES = ("findings", "conditions", "red_flags", "sources", "calibration")


@cache
def starter() -> Knowledge:
    """Return the knowledge base that comes with the application."""
    return read_folder(STARTER)


def read_folder(folder: Path) -> Knowledge:
    """Read all TOML files of a folder as one base. Raises KnowledgeError."""
    document: dict[str, Any] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            part = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise KnowledgeError(f"{path.name} cannot be read: {error}.") from error
        for key, value in part.items():
            if key not in _TABLES:
                document[key] = value
                continue
            table = document.setdefault(key, {})
            if twice := sorted(table.keys() & value.keys()):
                raise KnowledgeError(f"{path.name}: {key}.{twice[0]} is in another file already.")
            table.update(value)
    return build(document)


def read_document(path: Path) -> Knowledge:
    """Read one JSON document. Raises KnowledgeError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"{path.name} cannot be read: {error}.") from error
    if not isinstance(document, dict):
        raise KnowledgeError(f"{path.name} holds no JSON object.")
    return build(document)


def build(document: Mapping[str, Any]) -> Knowledge:
    """Make a knowledge base from its tables and check it.

    Raises:
        KnowledgeError: naming the first entry that is wrong.
    """
    findings = {code: _finding(code, entry) for code, entry in document.get("findings", {}).items()}
    conditions = tuple(_condition(code, entry) for code, entry in document.get("conditions", {}).items())
    flags = tuple(_flag(code, entry) for code, entry in document.get("red_flags", {}).items())
    try:
        knowledge = Knowledge(
            name=str(document["name"]),
            version=str(document["version"]),
            findings=findings,
            conditions=conditions,
            noise=float(document["noise"]),
            sources={code: str(text) for code, text in document.get("sources", {}).items()},
            red_flags=flags,
            calibration=Calibration(**document.get("calibration", {})),
            prior_weight=float(document.get("prior_weight", 1)),
        )
    except KeyError as error:
        raise KnowledgeError(f"The knowledge base does not say its {error.args[0]}.") from error
    except (TypeError, ValueError) as error:
        raise KnowledgeError(f"The knowledge base's head is wrong: {error}.") from error
    _check(knowledge)
    return _with_digest(knowledge)


def as_document(knowledge: Knowledge) -> dict[str, Any]:
    """The JSON form that ``build`` reads, without the digest."""
    return {
        "name": knowledge.name,
        "version": knowledge.version,
        "noise": knowledge.noise,
        "prior_weight": knowledge.prior_weight,
        "sources": dict(knowledge.sources),
        "calibration": asdict(knowledge.calibration),
        "findings": {code: _without_code(finding) for code, finding in knowledge.findings.items()},
        "conditions": {condition.code: _without_code(condition) for condition in knowledge.conditions},
        "red_flags": {flag.code: _without_code(flag) for flag in knowledge.red_flags},
    }


def _without_code(entry: Finding | Condition | RedFlag) -> dict[str, Any]:
    return {key: value for key, value in asdict(entry).items() if key != "code"}


def _with_digest(knowledge: Knowledge) -> Knowledge:
    """The digest covers all but the calibration, which is fitted to the rest."""
    document = {key: value for key, value in as_document(knowledge).items() if key != "calibration"}
    written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Knowledge(
        **{name: getattr(knowledge, name) for name in Knowledge.__slots__ if name != "digest"},
        digest=sha256(written.encode()).hexdigest(),
    )


def _finding(code: str, entry: Mapping[str, Any]) -> Finding:
    try:
        words = {name: entry.get(name, ()) for name in ("phrases", "normal")}
        listed = {name: _listed(one) if isinstance(one, str) else tuple(one) for name, one in words.items()}
        return Finding(code=code, **{**entry, **listed})
    except TypeError as error:
        raise KnowledgeError(f"Finding {code}: {error}.") from error


def _condition(code: str, entry: Mapping[str, Any]) -> Condition:
    values = dict(entry)
    course = values.pop("course", None)
    try:
        findings = values.pop("findings", {})
        if isinstance(findings, str):
            findings = {name: float(chance) for name, _, chance in (one.partition("=") for one in findings.split())}
        if course is not None:
            total = sum(course)
            findings = {**findings, **{name: share / total for name, share in zip(COURSE, course, strict=True)}}
        for name in ("synonyms", "icd10", "sources"):
            if isinstance(values.get(name), str):
                values[name] = _listed(values[name])
        for name in ("synonyms", "icd10", "sources", "ages", "sexes", "seasons"):
            if name in values:
                values[name] = tuple(values[name])
        return Condition(code=code, findings=findings, **values)
    except (TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise KnowledgeError(f"Condition {code}: {error}.") from error


def _flag(code: str, entry: Mapping[str, Any]) -> RedFlag:
    try:
        values = {**entry, "every": tuple(entry.get("every", ())), "some": tuple(entry.get("some", ()))}
        return RedFlag(code=code, **values)
    except TypeError as error:
        raise KnowledgeError(f"Red flag {code}: {error}.") from error


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for one in text.split(",") if (part := " ".join(one.split())))


def _check(knowledge: Knowledge) -> None:
    if not knowledge.conditions or not knowledge.findings:
        raise KnowledgeError("A knowledge base needs conditions and findings.")
    if not 0 < knowledge.noise < 1:
        raise KnowledgeError("The noise of a knowledge base lies between 0 and 1.")
    for finding in knowledge.findings.values():
        _check_finding(finding, knowledge.findings)
    for condition in knowledge.conditions:
        _check_condition(condition, knowledge)
    for flag in knowledge.red_flags:
        _check_known(f"Red flag {flag.code}", (*flag.every, *flag.some), knowledge.findings)
        if not flag.every and not flag.some:
            raise KnowledgeError(f"Red flag {flag.code} has no finding.")


def _check_finding(finding: Finding, findings: Mapping[str, Finding]) -> None:
    if not 0 < finding.background < 1:
        raise KnowledgeError(f"Finding {finding.code}: its background lies between 0 and 1.")
    for phrase in (*finding.phrases, *finding.normal):
        if not all(part.strip() for part in phrase.split("+")):
            raise KnowledgeError(f"Finding {finding.code}: the phrase {phrase!r} has an empty part.")
    seen = {finding.code}
    parent = finding.parent
    while parent:
        if parent in seen:
            raise KnowledgeError(f"Finding {finding.code} lies within itself.")
        _check_known(f"Finding {finding.code}", (parent,), findings)
        if findings[parent].background < finding.background:
            raise KnowledgeError(f"Finding {finding.code} is more frequent than {parent}, within which it lies.")
        seen.add(parent)
        parent = findings[parent].parent


def _check_condition(condition: Condition, knowledge: Knowledge) -> None:
    where = f"Condition {condition.code}"
    _check_known(where, condition.findings, knowledge.findings)
    if any(not 0 <= chance <= 1 for chance in condition.findings.values()):
        raise KnowledgeError(f"{where}: a chance lies between 0 and 1.")
    if condition.rate <= 0:
        raise KnowledgeError(f"{where}: its rate is above 0.")
    lengths = (len(condition.ages), len(condition.sexes), len(condition.seasons))
    if lengths != (len(AGE_BANDS), 2, len(SEASONS)):
        raise KnowledgeError(f"{where}: it needs {len(AGE_BANDS)} ages, 2 sexes and {len(SEASONS)} seasons.")
    _check_known(where, condition.sources, knowledge.sources)


def _check_known(where: str, codes: Iterable[str], known: Mapping[str, object]) -> None:
    for code in codes:
        if code not in known:
            raise KnowledgeError(f"{where}: {code} is not defined.")
