"""What the API records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url api:chat_completions": "inference.model_call accounts.denied",
        "url api:completions": "inference.model_call accounts.denied",
        "url api:cancel": "inference.cancel accounts.denied",
        "url api:rerank": "inference.model_call accounts.denied",
        "url api:embeddings": "inference.model_call accounts.denied",
        "url api:search": "retrieval.search accounts.denied",
        "service llmasos.api.services.ensure_local_credentials": "accounts.key_created accounts.service_account_added",
    },
    unrecorded={
        "url api:models": "Lists the catalogue of models; the key's use is recorded.",
        "url api:model": "Shows one model of the catalogue; the key's use is recorded.",
        "url api:schema": "Describes the API; the same for everybody.",
        "url api:documentation": "Describes the API; the same for everybody.",
    },
)
