"""Knowledge bases from the tables of others: DDXPlus-style counts, and lists of diseases with their symptoms."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clinical_assist.knowledge.errors import KnowledgeError

_LEAST = 1e-4
_MOST = 0.999
# A list says that a symptom belongs to a disease, not how often. These stand for "often" and "hardly otherwise".
LISTED_CHANCE = 0.6
LISTED_BACKGROUND = 0.02


def from_tables(paths: Sequence[Path], *, name: str, version: str) -> dict[str, Any]:
    """Make a knowledge document from files whose kind is seen by their content.

    JSON: the three tables of a DDXPlus release (evidences, conditions, probabilities; the conditions may be missing).
    TSV: one list with the columns disease_id, disease_label, symptom_id, symptom_label.

    Raises:
        KnowledgeError: naming the file that is unknown, unreadable or missing.
    """
    lists = [path for path in paths if path.suffix.lower() in {".tsv", ".csv"}]
    if lists and len(lists) == len(paths) == 1:
        return _from_list(lists[0], name, version)
    if lists:
        raise KnowledgeError("Give either one list of symptoms or the JSON tables of one release, not both.")
    return _from_counts({path: _read(path) for path in paths}, name, version)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"{path.name} cannot be read: {error}.") from error
    if not isinstance(table, dict) or not table:
        raise KnowledgeError(f"{path.name} holds no JSON object.")
    return table


def _from_counts(tables: Mapping[Path, Mapping[str, Any]], name: str, version: str) -> dict[str, Any]:
    probabilities: Mapping[str, Any] | None = None
    evidences: Mapping[str, Any] = {}
    labels: Mapping[str, Any] = {}
    for path, table in tables.items():
        first = next(iter(table.values()))
        if {"probabilities", "condition_counts"} <= table.keys():
            probabilities = table
        elif isinstance(first, dict) and "data_type" in first:
            evidences = table
        elif isinstance(first, dict) and "condition_name" in first:
            labels = table
        else:
            raise KnowledgeError(f"{path.name} is none of the tables evidences, conditions and probabilities.")
    if probabilities is None or not evidences:
        raise KnowledgeError("The tables of evidences and of probabilities are both needed.")
    rates, counts = probabilities["probabilities"], probabilities["condition_counts"]
    everyone = sum(counts.values())
    if set(rates) != set(counts) or not everyone:
        raise KnowledgeError("The table of probabilities names other conditions than it counts.")
    findings = {}
    for code, evidence in evidences.items():
        share = sum(float(rates[condition].get(code, 0)) * count for condition, count in counts.items()) / everyone
        findings[code] = {
            "name": str(evidence.get("question_en") or code),
            "question": str(evidence.get("question_en") or code),
            "background": min(max(share, _LEAST), _MOST),
            "kind": "history" if evidence.get("is_antecedent") else "symptom",
        }
    conditions = {
        _code(condition): {
            "name": condition,
            "synonyms": [label for label in (_label(labels.get(condition)),) if label and label != condition],
            "icd10": [str(code) for code in (_icd10(labels.get(condition)),) if code],
            "rate": 1000 * count / everyone,
            "findings": {code: float(rates[condition].get(code, 0)) for code in findings},
        }
        for condition, count in counts.items()
    }
    return _document(name, version, findings, conditions, noise=0.001)


def _label(entry: Any) -> str:
    return str(entry.get("cond_name_eng") or "") if isinstance(entry, dict) else ""


def _icd10(entry: Any) -> str:
    return str(entry.get("icd10-id") or "").upper() if isinstance(entry, dict) else ""


def _from_list(path: Path, name: str, version: str) -> dict[str, Any]:
    findings: dict[str, Any] = {}
    conditions: dict[str, Any] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, dialect="excel-tab" if path.suffix.lower() == ".tsv" else "excel"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KnowledgeError(f"{path.name} cannot be read: {error}.") from error
    for number, row in enumerate(rows, start=2):
        try:
            disease, label = row["disease_id"].strip(), row["disease_label"].strip()
            symptom, words = row["symptom_id"].strip(), row["symptom_label"].strip()
        except (KeyError, AttributeError) as error:
            raise KnowledgeError(
                f"{path.name}, line {number}: disease_id, disease_label, symptom_id and symptom_label are needed."
            ) from error
        findings[symptom] = {
            "name": words.capitalize(),
            "question": words.capitalize() + "?",
            "background": LISTED_BACKGROUND,
            "phrases": [words],
        }
        entry = conditions.setdefault(disease, {"name": label, "rate": 1.0, "findings": {}})
        entry["findings"][symptom] = LISTED_CHANCE
    return _document(name, version, findings, conditions, noise=0.05)


def _document(
    name: str, version: str, findings: Mapping[str, Any], conditions: Mapping[str, Any], *, noise: float
) -> dict[str, Any]:
    return {"name": name, "version": version, "noise": noise, "findings": findings, "conditions": conditions}


def _code(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
