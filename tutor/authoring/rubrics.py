"""Rubrics as versions by content: the same references and criteria are the same version, found again by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785
from django.db.models import Max
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import Question, RubricVersion

YES_OR_NO = (("no", 0.0), ("yes", 1.0))


def level(
    key: str, label: str, points: float, *, description: str = "", examples: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a level as a rubric holds it."""
    return {"id": key, "label": label, "points": points, "description": description, "examples": list(examples)}


def yes_or_no() -> list[dict[str, Any]]:
    """Return the levels of a criterion that is met or not."""
    labels = {"no": _("No"), "yes": _("Yes")}
    return [level(key, labels[key], points) for key, points in YES_OR_NO]


def references_of(kind: str, values: Mapping[str, Any], given: Sequence[str]) -> list[str]:
    """Return what a full answer says: for numbers the value, for a choice its right options, else what was written."""
    if kind == Question.Kind.NUMERIC:
        return [f"{values['numeric_value']:g} {values['numeric_unit']}".strip()]
    if kind == Question.Kind.CHOICE:
        return [one["text"] for one in values["options"] if one["correct"]]
    return list(given)


def rubric_digest(references: Sequence[str], criteria: Sequence[dict[str, Any]]) -> str:
    """Return the SHA-256 digest of the canonical JSON (RFC 8785) of a rubric's content."""
    content: dict[str, Any] = {"references": list(references), "criteria": list(criteria)}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def set_rubric(
    principal: Principal, question: Question, *, references: Sequence[str], criteria: Sequence[dict[str, Any]]
) -> RubricVersion | None:
    """Make this content the question's rubric, as a new version or the earlier one that says the same.

    Without references and criteria the question has no rubric. The caller holds the question's row and has checked
    that the principal may change it.
    """
    if not references and not criteria:
        version = None
    else:
        digest = rubric_digest(references, criteria)
        versions = RubricVersion.objects.for_organisation(question.organisation_id).filter(question=question)
        version = versions.filter(digest=digest).first()
        if version is None:
            version = RubricVersion.objects.create(
                organisation_id=question.organisation_id,
                question=question,
                number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
                digest=digest,
                references=list(references),
                criteria=list(criteria),
                created_by_id=principal.id if principal.kind == "person" else None,
            )
    if question.rubric_id != (version.pk if version is not None else None):
        before = question.rubric.digest if question.rubric is not None else ""
        question.rubric = version
        question.save(update_fields=["rubric"])
        record(
            organisation_id=question.organisation_id,
            actor=principal.actor,
            action="tutor.rubric_changed",
            object=Ref("question", question.pk),
            digests={"before": before, "after": version.digest if version is not None else ""},
        )
    return version
