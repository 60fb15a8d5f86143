"""What Prometheus and Grafana are given asks for metrics that the platform exposes."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.urls import resolve
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from llmasos.accounts.tenancy import acting_in
from llmasos.inference.models import LIVE_STATES, Run
from llmasos.inference.types import Priority
from llmasos.runtime import health, metrics
from llmasos.runtime.components import QUEUES
from tests.deploy.rendering import KUBERNETES, documents
from tests.deploy.test_processes import DEPLOY

RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
SCRAPE = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
BOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "llmasos.json").read_text())
SCALING = [
    trigger["metadata"]["query"]
    for manifest in documents(KUBERNETES / "components" / "autoscaling" / "scaling.yaml")
    for trigger in manifest["spec"].get("triggers", [])
]
EXPRESSIONS = [
    *(rule["expr"] for rule in RULES),
    *(target["expr"] for panel in BOARD["panels"] for target in panel["targets"]),
    *SCALING,
]
# Prometheus's own words and the metric that it makes of every scrape.
WORDS = {"max", "sum", "by", "or", "and", "vector", "up", "min_over_time", "avg_over_time"}
LABELS = {
    "service": {"database", "valkey", *QUEUES},
    "queue": set(QUEUES),
    "engine": {"embed", "generate"},
    "priority": {priority.name.lower() for priority in Priority},
    "state": {state.value for state in LIVE_STATES},
    "job": {SCRAPE["scrape_configs"][0]["job_name"]},
}


def names_of(expression: str) -> set[str]:
    """The metrics of an expression: its words without matchers, ranges and groupings."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)", " ", expression)
    return set(re.findall(r"\b[a-z_]{2,}\b", bare)) - WORDS


@pytest.fixture
def exposed(monkeypatch: pytest.MonkeyPatch, valkey: object, db: None) -> dict[str, set[str]]:
    """The labels of each metric that /metrics shows."""
    queues = dict.fromkeys(QUEUES, True)
    found = health.Health(database=True, valkey=True, queues=queues, milliseconds={"database": 1.0})
    monkeypatch.setattr(health, "measure", lambda: found)
    families = text_string_to_metric_families(metrics.render().decode())
    return {family.name: {label for sample in family.samples for label in sample.labels} for family in families}


def test_every_metric_that_is_asked_for_is_exposed(exposed: dict[str, set[str]]) -> None:
    asked = {name for expression in EXPRESSIONS for name in names_of(expression)}
    assert {"llmasos_up", "llmasos_oldest_run_seconds"} <= asked
    assert asked <= set(exposed)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_labels_are_matched_by_values_that_occur(expression: str) -> None:
    for label, values in re.findall(r'(\w+)\s*!?=~?\s*"([^"]*)"', expression):
        assert set(values.split("|")) <= LABELS[label]
    assert [expression.count(one) for one in "({["] == [expression.count(one) for one in ")}]"]


def test_waiting_runs_show_how_long_they_wait(
    monkeypatch: pytest.MonkeyPatch, valkey: object, organisation: Any
) -> None:
    now = timezone.now()
    with acting_in(organisation.pk):
        Run.objects.create(
            organisation_id=organisation.pk, principal_kind="system", kind="generate", engine="generate",
            created_at=now - timedelta(seconds=90), deadline=now, lease_expires_at=now,
        )  # fmt: skip
    monkeypatch.setattr(health, "measure", lambda: health.Health(database=True, valkey=True))
    lines = [line for line in metrics.render().decode().splitlines() if line.startswith("llmasos_oldest_run_seconds{")]
    (line,) = lines
    assert 'engine="generate",priority="interactive",state="queued"' in line
    assert 60 <= float(line.split()[-1]) < 3600


def test_scrape_brings_the_token_over_https() -> None:
    (scrape,) = SCRAPE["scrape_configs"]
    assert resolve(scrape["metrics_path"]).view_name == "runtime:metrics"
    assert scrape["scheme"] == "https"
    assert scrape["authorization"]["type"] == "Bearer"
    assert set(scrape["authorization"]) == {"type", "credentials_file"}
    assert all((DEPLOY / "prometheus" / file).exists() for file in SCRAPE["rule_files"])


def test_every_rule_says_what_happened_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smh]", rule["for"])
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}


def test_panels_of_the_board_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        squares = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not squares & taken
        taken |= squares
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
