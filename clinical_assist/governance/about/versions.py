"""Which version of each model and rule set is at work now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.calculators.registry import CALCULATORS
from clinical_assist.governance.versions.queries import versions_of
from clinical_assist.intake.engine import engine_of
from clinical_assist.medicines.library import library
from clinical_assist.models import KnowledgeVersion
from clinical_assist.ordersets import versions as ordersets
from llmasos.inference.queries import models

_SHORT = 12


def version_of(code: str, organisation_id: UUID) -> str:
    """Return the version in words; inside ``acting_in``."""
    return _VERSIONS[code](organisation_id)


def history_of(code: str, organisation_id: UUID) -> list[KnowledgeVersion]:
    """Return the versions of the organisation that were ever in use, newest first; inside ``acting_in``."""
    kind = _KINDS.get(code)
    if kind is None:
        return []
    return list(versions_of(organisation_id, kind).filter(activated_at__isnull=False))


def _knowledge(organisation_id: UUID) -> str:
    knowledge = engine_of(organisation_id).knowledge
    return _("%(name)s, version %(version)s: %(conditions)s conditions, %(findings)s findings, digest %(digest)s") % {
        "name": knowledge.name,
        "version": knowledge.version,
        "conditions": len(knowledge.conditions),
        "findings": len(knowledge.findings),
        "digest": knowledge.digest[:_SHORT],
    }


def _medicines(organisation_id: UUID) -> str:
    tables = library()
    return _("version %(version)s, digest %(digest)s") % {"version": tables.version, "digest": tables.digest[:_SHORT]}


def _order_sets(organisation_id: UUID) -> str:
    sets = ordersets.in_use(organisation_id)
    return _("version %(version)s, digest %(digest)s") % {"version": sets.version, "digest": sets.digest[:_SHORT]}


def _calculators(organisation_id: UUID) -> str:
    return _("%(count)s calculators, each with its source") % {"count": len(CALCULATORS)}


def _model(task: str) -> str:
    chosen = [one for one in models() if one.task == task and one.is_default]
    named = [f"{one.name} ({one.source}) {one.digest[:_SHORT]}".strip() for one in chosen]
    return "; ".join(named) or _("none is chosen")


_VERSIONS: Mapping[str, Callable[[UUID], str]] = {
    "differential": _knowledge,
    "recognition": _knowledge,
    "red_flags": _knowledge,
    "medicine_checks": _medicines,
    "order_sets": _order_sets,
    "calculators": _calculators,
    "language_model": lambda _organisation_id: _model("generate"),
    "embedding_model": lambda _organisation_id: _model("embed"),
}
_KINDS = {
    "differential": KnowledgeVersion.Kind.KNOWLEDGE,
    "recognition": KnowledgeVersion.Kind.KNOWLEDGE,
    "red_flags": KnowledgeVersion.Kind.KNOWLEDGE,
    "medicine_checks": KnowledgeVersion.Kind.MEDICINES,
    "order_sets": KnowledgeVersion.Kind.ORDERSETS,
}
