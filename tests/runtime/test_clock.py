"""What runs each second is handed out when it has something to do, and now and then anyway."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import ScheduleEntry
from django.utils import timezone

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import sequence_all
from llmasos.celery import app
from llmasos.inference.models import RunState
from llmasos.runtime import clock
from tests.audit.logs import fill
from tests.console.runs import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> clock.Clock:
    monkeypatch.setattr(clock.Clock, "apply_async", lambda self, entry, **_: handed_out(self).append(entry.task))
    return clock.Clock(app, lazy=True, schedule_filename=str(tmp_path / "schedule"))


def handed_out(beat: Any) -> list[str]:
    tasks: list[str] = beat.__dict__.setdefault("tasks", [])
    return tasks


def tick(beat: clock.Clock, task: str) -> None:
    beat.apply_entry(ScheduleEntry(name=task, task=task, app=app, schedule=timedelta(seconds=1)))


def test_the_log_is_sequenced_and_signed_while_entries_wait(organisation: Organisation, beat: clock.Clock) -> None:
    tick(beat, "audit.sequence")
    fill(organisation.pk, 1, sequence=False)
    tick(beat, "audit.sequence")
    sequence_all()
    tick(beat, "audit.sequence")
    assert handed_out(beat) == ["audit.sequence", "audit.sequence"]
    assert clock.has_work("audit.checkpoint")


def test_runs_are_expired_when_one_has_lapsed(organisation: Organisation) -> None:
    assert not clock.has_work("inference.expire_runs")
    with acting_in(organisation):
        make_run(organisation, state=RunState.RUNNING, lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert clock.has_work("inference.expire_runs")


def test_other_tasks_are_always_handed_out(beat: clock.Clock) -> None:
    for _ in range(2):
        tick(beat, "privacy.take_up")
    assert handed_out(beat) == ["privacy.take_up"] * 2
