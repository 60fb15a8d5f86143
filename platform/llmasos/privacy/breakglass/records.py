"""What break-glass records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url breakglass:ask": "breakglass.granted breakglass.refused",
        "url breakglass:end": "breakglass.ended",
        "url breakglass:reviews": "breakglass.listed",
        "url breakglass:review": "breakglass.reason_read breakglass.reviewed",
        "service llmasos.privacy.breakglass.services.ask_access": "breakglass.granted",
        "service llmasos.privacy.breakglass.services.end_grant": "breakglass.ended",
        "service llmasos.privacy.breakglass.services.review": "breakglass.reviewed",
        "service llmasos.privacy.breakglass.services.announce_waiting": "breakglass.announced",
        "task breakglass.announce": "breakglass.announced",
    },
    unrecorded={},
)
