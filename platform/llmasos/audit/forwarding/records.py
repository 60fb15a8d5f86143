"""What forwarding records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={},
    unrecorded={
        "service llmasos.audit.forwarding.services.destinations": "Reads the installation's configuration, no data.",
        "service llmasos.audit.forwarding.services.forward_all": (
            "Sends entries where the installation's configuration says; they hold no personal data."
        ),
        "service llmasos.audit.forwarding.services.forward": (
            "Sends entries where the installation's configuration says; they hold no personal data."
        ),
        "task audit_forwarding.forward": (
            "Sends entries where the installation's configuration says; they hold no personal data."
        ),
    },
)
