"""What this application records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url clinical_assist:calculator": "clinical.calculated",
        "url clinical_assist:differential": "clinical.differential_shown",
        "url clinical_assist:lead_add": "clinical.lead_named",
        "url clinical_assist:lead_end": "clinical.lead_dismissed",
        "url clinical_assist:oversight": "clinical.function_stopped clinical.function_started",
        "url clinical_assist:today": "clinical.patients_listed",
        "url clinical_assist:patient": "clinical.record_read clinical.record_refused",
        "url clinical_assist:medicines": "clinical.medicines_checked",
    },
    unrecorded={
        "url clinical_assist:calculators": "Names of formulas; nothing of a patient.",
        "url clinical_assist:start": "Says what will be here; reads nothing.",
        "url clinical_assist:about": "Says what the suggestions come from; reads nothing.",
    },
)
