"""What de-identification records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url deidentification:set_policy": "deidentification.set_policy",
        "url deidentification:preview": "deidentification.preview",
        "service llmasos.privacy.deidentification.services.keep_map": "deidentification.keep_map",
        "service llmasos.privacy.deidentification.services.originals_of": "deidentification.restore",
        "service llmasos.privacy.deidentification.services.set_policy": "deidentification.set_policy",
    },
    unrecorded={
        "url deidentification:policy": "Shows which kinds are taken out, and nobody's data.",
        "service llmasos.privacy.deidentification.services.deidentify": (
            "Gives back what it was given, less what identifies; its caller records the use."
        ),
        "service llmasos.privacy.deidentification.services.deidentify_all": (
            "Gives back what it was given, less what identifies; its caller records the use."
        ),
        "service llmasos.privacy.deidentification.services.scope_of": "Derives a secret from ids; reads nothing.",
    },
)
