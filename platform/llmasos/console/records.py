"""What the console records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url audit:log": "audit.read",
        "url audit:activity": "audit.read",
        "url audit:state": "audit.read",
        "url audit:entry": "audit.read",
        "url audit:payload": "audit.payload_read",
        "url audit:proof": "audit.proved",
        "url audit:proof_file": "audit.proved",
        "url audit:file": "audit.exported",
        "url audit:check": "audit.read",
        "url audit:verify": "audit.verified",
        "url console:platform": "accounts.denied",
        "url console:platform_live": "accounts.denied",
        "task console.check_log": "audit.verified",
    },
    unrecorded={
        "url console:home": "Counts and times of runs and queues, without what they were about.",
        "url console:live": "Counts and times of runs and queues, without what they were about.",
    },
)
