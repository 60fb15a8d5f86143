"""Runs as the model service leaves them behind, for the console's figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from llmasos.accounts.models import Organisation
from llmasos.inference.models import Run, RunState


def make_run(organisation: Organisation, *, minutes_ago: float = 1, **fields: Any) -> Run:
    """Store a finished run; inside ``acting_in``."""
    moment = timezone.now() - timedelta(minutes=minutes_ago)
    values: dict[str, Any] = {
        "principal_kind": "person",
        "kind": "chat",
        "engine": "generate",
        "state": RunState.DONE,
        "lease_expires_at": moment,
        "deadline": moment + timedelta(minutes=1),
        "created_at": moment,
        "started_at": moment,
        "finished_at": moment,
        **fields,
    }
    return Run.objects.create(organisation=organisation, **values)
