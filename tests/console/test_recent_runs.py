from __future__ import annotations

import pytest

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.console.queries import BUCKETS, own_queue_depths, recent_runs
from llmasos.inference.models import RunState
from tests.console.runs import make_run

pytestmark = pytest.mark.django_db


def test_medians_and_failures_are_counted(organisation: Organisation) -> None:
    with acting_in(organisation):
        for queue_ms in (10, 20, 90):
            make_run(organisation, queue_ms=queue_ms, prefill_ms=100, decode_ms=400)
        make_run(organisation, state=RunState.FAILED, started_at=None)
    figures = recent_runs(organisation.pk)
    assert (figures.runs, figures.failed) == (4, 1)
    assert (figures.queue_ms, figures.prefill_ms, figures.decode_ms) == (20, 100, 400)


def test_what_measured_nothing_has_no_median(organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, engine="embed", queue_ms=5)
    assert recent_runs(organisation.pk).decode_ms is None


def test_older_runs_are_left_out(organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, minutes_ago=61)
    assert recent_runs(organisation.pk).runs == 0


def test_each_two_minutes_have_a_point(organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, minutes_ago=0)
        make_run(organisation, minutes_ago=31)
    series = recent_runs(organisation.pk).series
    assert all(len(values) == BUCKETS for values in series.values())
    assert sum(value or 0 for value in series["runs"]) == 2
    assert series["queue"].count(None) == BUCKETS - 2


def test_an_organisation_sees_its_own_runs_and_operators_see_all(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    for one in (organisation, other_organisation):
        with acting_in(one):
            make_run(one)
    assert recent_runs(organisation.pk).runs == 1
    assert recent_runs().runs == 2


def test_live_runs_are_listed_with_their_age(organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, state=RunState.QUEUED, minutes_ago=2, finished_at=None, started_at=None)
        make_run(organisation)
        (depth,) = own_queue_depths(organisation.pk)
    assert (depth.engine, depth.state, depth.depth) == ("generate", "queued", 1)
    assert 119 <= depth.oldest_seconds < 180
