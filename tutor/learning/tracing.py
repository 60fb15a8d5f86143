"""The knowledge tracing of a course: fitted to its own answers, kept, and fitted again when they have grown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.utils import timezone

from tutor.learning.responses import history_of, practised, responses_of, shown_marks
from tutor.models import Course, CourseTracing
from tutor.tracing import logistic
from tutor.tracing.histories import History
from tutor.tracing.knowledge import Parameters
from tutor.tracing.logistic import LogisticTracing
from tutor.tracing.mastery import Mastery, fitted_parameters, mastery

LEAST_EVIDENCE: Final = 30
"""With fewer answers in a course the published defaults of Bayesian tracing stand."""
GROWTH: Final = 1.25


@dataclass(frozen=True, slots=True)
class Tracing:
    """What a course's estimates are made with: a logistic model, or parameters by skill, or neither."""

    digest: str = ""
    parameters: Mapping[str, Parameters] = field(default_factory=dict)
    model: LogisticTracing | None = None

    def of(self, history: History, skill: str) -> Mastery:
        return mastery(history, skill, parameters=self.parameters.get(skill), model=self.model)


def tracing_of(course: Course) -> Tracing:
    """Return what is kept for the course; the defaults where nothing was fitted yet."""
    kept = CourseTracing.objects.for_organisation(course.organisation_id).filter(course=course).first()
    return _read(kept) if kept is not None else Tracing()


def refit(course: Course) -> Tracing:
    """Fit again where the course's answers have grown by a quarter since; return what then stands.

    The same answers give the same numbers. Every learner's answers count alike; no name goes in or comes out.
    """
    marks, practice = shown_marks(course), practised(course)
    learners = sorted(marks.keys() | practice.keys())
    histories = [history_of(responses_of(marks.get(one, ()), practice.get(one, ()))) for one in learners]
    evidence = sum(map(len, histories))
    kept = CourseTracing.objects.for_organisation(course.organisation_id).filter(course=course).first()
    if evidence < LEAST_EVIDENCE or (kept is not None and evidence < kept.evidence * GROWTH):
        return _read(kept) if kept is not None else Tracing()
    content = _fitted([one for one in histories if len(one)])
    written = json.dumps(content, sort_keys=True, separators=(",", ":"))
    values = {
        "content": content,
        "digest": hashlib.sha256(written.encode()).hexdigest(),
        "evidence": evidence,
        "fitted_at": timezone.now(),
    }
    fitted, _is_new = CourseTracing.objects.for_organisation(course.organisation_id).update_or_create(
        course=course, defaults=values, create_defaults={"organisation_id": course.organisation_id, **values}
    )
    return _read(fitted)


def _fitted(histories: Sequence[History]) -> dict[str, Any]:
    if sum(map(len, histories)) >= logistic.LEAST_RESPONSES:
        try:
            return {"model": json.loads(logistic.fit(histories).dumps())}
        except ValueError:
            # All answers are alike, so there is nothing for the model to tell apart.
            pass
    return {"parameters": {skill: asdict(found) for skill, found in fitted_parameters(histories).items()}}


def _read(kept: CourseTracing) -> Tracing:
    if "model" in kept.content:
        return Tracing(kept.digest, model=logistic.loads(json.dumps(kept.content["model"])))
    return Tracing(
        kept.digest, parameters={skill: Parameters(**values) for skill, values in kept.content["parameters"].items()}
    )
