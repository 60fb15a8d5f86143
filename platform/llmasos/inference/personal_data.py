"""What the model service holds of a subject: its runs, and for minutes their sealed inputs and streams."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Ref
from llmasos.inference import catalogue, services, transit
from llmasos.inference.models import LIVE_STATES, CatalogueEntry, Run
from llmasos.privacy.registry import (
    RecordSection,
    RetentionClass,
    Store,
    register_record_section,
    register_retention_class,
    register_store,
)

KINDS = ("person", "visitor")
END_SECONDS = 10.0
"""How long an erasure waits for a cancelled run to end, so that it writes nothing after its stream is deleted."""


def register() -> None:
    """Make the store and its class known; called once, in ``AppConfig.ready``."""
    register_retention_class(
        RetentionClass("runs", _("Runs of models"), 90, _("Long enough to explain load, failures and cost."))
    )
    register_store(
        Store(
            name="inference.runs",
            label=_("Runs of models, with their sealed inputs and streams"),
            purpose=_("To carry out what was asked of a model, and to see load and failures"),
            categories=(_("Times, sizes and the model; for 15 minutes the sealed text"),),
            legal_basis=_("Contract (GDPR, article 6(1)(b))"),
            protection="sealed in transit",
            subject_kinds=KINDS,
            retention_class="runs",
            tables=("inference_run",),
            erase=lambda organisation_id, subject: _runs(organisation_id, subject).delete()[0],
            export=_export,
            count=lambda organisation_id, subject: _runs(organisation_id, subject).count(),
            expire=lambda organisation_id, before, held: _old(organisation_id, before, held).delete()[0],
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
            forget=forget,
            order=10,
        )
    )

    register_record_section(
        RecordSection(
            "models",
            _("Models in use"),
            {
                "name": _("Model"),
                "task": _("Does"),
                "place": _("Runs"),
                "digest": _("Digest of its weights"),
            },
            _models,
        )
    )


def _models(organisation_id: UUID) -> list[dict[str, str]]:
    """The catalogue is the installation's: every organisation is served from it."""
    return [
        {
            "name": entry.name,
            "task": str(entry.get_task_display()),
            "place": str(_("on this installation") if catalogue.is_local(entry) else _("on a server outside")),
            "digest": entry.digest[:16],
        }
        for entry in CatalogueEntry.objects.order_by("task", "name")
    ]


def forget(organisation_id: UUID, subject: Ref) -> int:
    """Stop the subject's runs and delete what Valkey holds of all of them. Returns how many keys went."""
    with acting_in(organisation_id):
        rows = list(_runs(organisation_id, subject).values_list("pk", "engine", "idempotency_key", "state"))
    live = [run_id for run_id, _engine, _key, state in rows if state in LIVE_STATES]
    for run_id in live:
        services.cancel(system_principal(organisation_id), run_id)
    _wait_for(organisation_id, live)
    return transit.forget_all(organisation_id, [(run_id, engine, key) for run_id, engine, key, _state in rows])


def _wait_for(organisation_id: UUID, run_ids: list[UUID]) -> None:
    # Inside the caller's own transaction nobody else's change could be seen.
    give_up = time.monotonic() + (0 if connection.in_atomic_block else END_SECONDS)
    while run_ids and time.monotonic() < give_up:
        with acting_in(organisation_id):
            live = Run.objects.for_organisation(organisation_id).filter(pk__in=run_ids, state__in=LIVE_STATES)
            if not live.exists():
                return
        time.sleep(0.1)


def _runs(organisation_id: UUID, subject: Ref | None) -> QuerySet[Run]:
    rows = Run.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(principal_kind=subject.kind, principal_id=subject.id)


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Run]:
    rows = Run.objects.for_organisation(organisation_id).filter(created_at__lt=before).exclude(state__in=LIVE_STATES)
    kept = [ref.id for ref in held if ref.kind in KINDS]
    return rows.exclude(principal_id__in=kept) if kept else rows


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    return [
        {
            "run": str(run.pk),
            "kind": run.kind,
            "model": run.model,
            "state": run.state,
            "created_at": run.created_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None,
            "prompt_tokens": run.prompt_tokens,
            "completion_tokens": run.completion_tokens,
        }
        for run in _runs(organisation_id, subject).order_by("created_at")
    ]
