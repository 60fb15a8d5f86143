"""A small knowledge base whose sums can be done by hand."""

from __future__ import annotations

from typing import Any

from clinical_assist.knowledge.reading import build
from clinical_assist.knowledge.types import Knowledge


def document(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "name": "small",
        "version": "1",
        "noise": 0.05,
        "findings": {
            "cough": {"name": "Cough", "background": 0.1, "question": "Is there a cough?", "phrases": "cough"},
            "dry_cough": {"name": "Dry cough", "background": 0.02, "parent": "cough", "question": "Is it dry?"},
            "fever": {"name": "Fever", "background": 0.05, "question": "Is there a fever?", "family": "fever"},
            "chills": {"name": "Chills", "background": 0.02, "question": "Are there chills?", "family": "fever"},
            "rash": {"name": "Rash", "background": 0.04, "question": "Is there a rash?"},
            "odd": {"name": "An odd sign", "background": 0.001},
            "hot": {"name": "38 °C or more", "background": 0.03, "measure": "temperature", "at_least": 38},
        },
        "conditions": {
            "flu": {"name": "Influenza", "icd10": "J10, J11", "rate": 5, "findings": "cough=0.8 fever=0.9 chills=0.7"},
            "cold": {"name": "Cold", "icd10": "J00", "rate": 10, "findings": "cough=0.6 fever=0.1"},
            "eczema": {"name": "Eczema", "icd10": "L20", "rate": 3, "findings": "rash=0.95", "must_not_miss": True},
        },
    }
    return {**base, **changes}


def knowledge(**changes: Any) -> Knowledge:
    return build(document(**changes))
