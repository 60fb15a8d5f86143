"""What answering records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "service llmasos.answering.services.start_answer": "retrieval.search inference.model_call answering.decision",
        "service llmasos.answering.services.store_calibration": "answering.calibrated",
    },
    unrecorded={
        "service llmasos.answering.services.parameters_digest": "Computes a digest of thresholds.",
    },
)
