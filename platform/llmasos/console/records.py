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
        "url console:model_act": "inference.catalogue_change accounts.denied",
        "url console:platform_stop": "inference.cancel accounts.denied",
        "url console:organisation_limit": "inference.limit_change accounts.denied",
        "url console:organisation_unlimit": "inference.limit_change accounts.denied",
        "url console:stop": "inference.cancel",
        "url console:limit": "inference.limit_change",
        "url console:unlimit": "inference.limit_change",
        "task console.check_log": "audit.verified",
        "task console.check_logs": "audit.verified",
    },
    unrecorded={
        **dict.fromkeys(
            (
                "url console:queues",
                "url console:queues_live",
                "url console:models",
                "url console:models_live",
                "url console:platform_requests",
                "url console:platform_requests_live",
                "url console:platform_usage",
                "url console:organisation_limits",
                "url console:organisation_limits_live",
                "url console:organisations",
                "url console:platform_errors",
                "url console:logs",
                "url console:logs_live",
                "url console:platform_storage",
            ),
            "Names of organisations, counts, times and codes, for operators; nobody's name and nobody's words.",
        ),
        **dict.fromkeys(
            (
                "url console:requests",
                "url console:requests_live",
                "url console:usage",
                "url console:usage_live",
                "url console:errors",
                "url console:storage",
            ),
            "Counts, times, codes and names of programs of one's own organisation; no person is named.",
        ),
        "url console:home": "Counts and times of runs and queues, without what they were about.",
        "url console:live": "Counts and times of runs and queues, without what they were about.",
    },
)
