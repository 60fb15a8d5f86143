"""What this application records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "task tutor.close_due_work": "tutor.work_handed_in",
        "url tutor:api_propose": "inference.model_call",
    },
    unrecorded={
        "url tutor:start": "Says what will be here; reads nothing.",
    },
)
