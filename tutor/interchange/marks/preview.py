"""What a file of marks would do, as the page shows it: counts, the first rows of each sort, no learner's name."""

from __future__ import annotations

from typing import Any, Final

from tutor.interchange.marks.planning import MarksPlan
from tutor.interchange.problems import Problem

# A preview lists so many rows of each sort; it counts them all.
LISTED: Final = 200


def preview_of(plan: MarksPlan) -> dict[str, Any]:
    """Return a plan as the page shows it, in what JSON holds."""
    given = plan.given
    problems = [one for one in plan.problems if not one.note]
    notes = [one for one in plan.problems if one.note]
    return {
        "digest": plan.digest,
        "given": len(given),
        "stays": plan.count("kept"),
        "same": plan.count("same"),
        "empty": plan.empty,
        "problem_count": len(problems),
        "problems": [_fault(one) for one in problems[:LISTED]],
        "notes": [_fault(one) for one in notes[:LISTED]],
        "rows": [
            {
                "line": one.line,
                "number": one.number,
                "before": str(one.before.points) if one.before is not None else None,
                "points": str(one.points),
                "feedback": one.feedback,
            }
            for one in given[:LISTED]
        ],
        "unlisted": max(0, len(given) - LISTED),
    }


def _fault(one: Problem) -> dict[str, Any]:
    return {"line": one.line, "column": one.column, "advice": one.advice}
