"""What the running system records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={},
    unrecorded={
        "url runtime:live": "Says whether the process answers.",
        "url runtime:ready": "Says whether the services answer.",
        "url runtime:metrics": "Counts and times, of nobody in particular.",
        "task runtime.canary": "Says that a worker answers.",
    },
)
