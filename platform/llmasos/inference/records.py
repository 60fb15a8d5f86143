"""What the model service records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "service llmasos.inference.services.chat": "inference.model_call",
        "service llmasos.inference.services.generate": "inference.model_call",
        "service llmasos.inference.services.stream_chat": "inference.model_call",
        "service llmasos.inference.services.begin_chat": "inference.model_call",
        "service llmasos.inference.services.abegin_chat": "inference.model_call",
        "service llmasos.inference.services.aread_chat": "inference.model_call",
        "service llmasos.inference.services.agather_chat": "inference.model_call",
        "service llmasos.inference.services.achat": "inference.model_call",
        "service llmasos.inference.services.agenerate": "inference.model_call",
        "service llmasos.inference.services.astream_chat": "inference.model_call",
        "service llmasos.inference.services.embed": "inference.model_call",
        "service llmasos.inference.services.aembed": "inference.model_call",
        "service llmasos.inference.services.start_run": "inference.model_call",
        "service llmasos.inference.services.cancel": "inference.cancel",
        "task inference.admit": "inference.model_call",
        "task inference.expire_runs": "inference.model_call",
    },
    unrecorded={},
)
