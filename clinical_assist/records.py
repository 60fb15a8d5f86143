"""What this application records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={},
    unrecorded={
        "url clinical_assist:start": "Says what will be here; reads nothing.",
    },
)
