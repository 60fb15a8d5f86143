"""What the log itself, and the vault below it, records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "service llmasos.audit.services.remove_payloads": "audit.payloads_removed",
        "task audit.checkpoint": "audit.checkpoint_refused",
    },
    unrecorded={
        "service llmasos.audit.services.record": "Writes the entries themselves.",
        "service llmasos.audit.services.recorded_together": "Inserts together what is recorded in its block.",
        "service llmasos.audit.services.record_if": "Writes an entry with the change that it records.",
        "service llmasos.audit.services.document_of": "Writes an entry down as it is digested; reads nothing.",
        "service llmasos.audit.services.sequence_entries": (
            "Gives entries their places; the log holds codes and digests."
        ),
        "service llmasos.audit.services.sequence_all": "Gives entries their places; the log holds codes and digests.",
        "service llmasos.vault.services.data_key": (
            "Lends a key to the field that it opens; whoever shows the field records that."
        ),
        "service llmasos.vault.services.data_key_by_id": (
            "Lends a key to the field that it opens; whoever shows the field records that."
        ),
        "service llmasos.vault.services.keep_keys": "Opens keys for rows whose reading is recorded by whoever reads.",
        "service llmasos.vault.services.with_keys": "Opens keys for rows whose reading is recorded by whoever reads.",
        "service llmasos.vault.services.keys_at_hand": (
            "Lies below the log; what is read or written with the keys is recorded by whoever does it."
        ),
        "service llmasos.vault.services.destroy_key": "Lies below the log; erasure, which calls it, records it.",
        "service llmasos.vault.services.rewrap": "Lies below the log; the rotation, which calls it, records it.",
        "task audit.sequence": "Gives entries their places; the log holds codes and digests.",
    },
)
