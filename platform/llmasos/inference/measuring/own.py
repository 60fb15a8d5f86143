"""The model service's own benchmarks; torch and the peers are imported when one runs."""

from __future__ import annotations

from typing import Any

from llmasos.accounts.principals import Principal
from llmasos.inference.measuring import register_benchmark


def register() -> None:
    register_benchmark("embed", _embed)
    register_benchmark("generate", _generate)
    register_benchmark("audit", _audit)
    register_benchmark("cancel", _cancel)
    register_benchmark("fairness", _fairness)
    register_benchmark("api", _api)


def _embed(principal: Principal) -> dict[str, Any]:
    from llmasos.inference.measuring.embedding import bench_embed

    return bench_embed(principal)


def _generate(principal: Principal) -> dict[str, Any]:
    from llmasos.inference.measuring.generation import bench_generate

    return bench_generate(principal)


def _audit(principal: Principal) -> dict[str, Any]:
    from llmasos.inference.measuring.audit import bench_audit

    return bench_audit(principal)


def _cancel(principal: Principal) -> dict[str, Any]:
    from llmasos.inference.measuring.cancelling import bench_cancel

    return bench_cancel(principal)


def _fairness(principal: Principal) -> dict[str, Any]:
    from llmasos.inference.measuring.fairness import bench_fairness

    return bench_fairness(principal)


def _api(principal: Principal) -> dict[str, Any]:
    from llmasos.inference.measuring.gateway import bench_api

    return bench_api(principal)
