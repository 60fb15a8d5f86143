"""What knowledge records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url retrieval:add_collection": "retrieval.add_collection",
        "url retrieval:upload": "retrieval.import",
        "url retrieval:search": "retrieval.search",
        "url retrieval:original": "retrieval.download",
        "url retrieval:retry": "retrieval.retry",
        "url retrieval:delete": "retrieval.delete",
        "url retrieval:restore": "retrieval.restore",
        "service llmasos.retrieval.services.add_collection": "retrieval.add_collection",
        "service llmasos.retrieval.services.import_paths": "retrieval.import",
        "service llmasos.retrieval.services.import_upload": "retrieval.import",
        "service llmasos.retrieval.services.read_original": "retrieval.download",
        "service llmasos.retrieval.services.retry": "retrieval.retry",
        "service llmasos.retrieval.services.delete": "retrieval.delete",
        "service llmasos.retrieval.services.restore": "retrieval.restore",
    },
    unrecorded={
        "url retrieval:collections": "Names the organisation's collections, which hold documents and no people.",
        "url retrieval:collection": "Names the documents of a collection; their text is read by search and download.",
        "service llmasos.retrieval.services.purge": "Removes what a recorded deletion left after its time of grace.",
        "service llmasos.retrieval.services.take_up_waiting": (
            "Hands on imports that were recorded when they were asked for."
        ),
        "task retrieval.ingest": "Carries out an import that was recorded when it was asked for.",
        "task retrieval.take_up": "Hands on imports that were recorded when they were asked for.",
    },
)
