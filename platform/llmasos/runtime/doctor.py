"""What `manage.py doctor` looks at: each finding says what is, whether it is well, and the way out if not."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from llmasos.console.queries import altered_logs, unverified_logs
from llmasos.runtime import children, environment, guard, health, locations, models
from llmasos.runtime.queues import waiting

_PACKAGES = ("django", "celery", "redis", "psycopg", "torch", "transformers", "sentence-transformers", "xllamacpp")
_LEAST_ROOM_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    well: bool
    detail: str
    way_out: str = ""


def examine() -> list[Finding]:
    """Look at everything; a look that itself fails becomes a finding."""
    findings: list[Finding] = []
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _software,
        _folders,
        _models,
        _devices,
        _database,
        _services,
        _configuration,
    )
    for look in looks:
        try:
            findings.extend(look())
        except (OSError, DatabaseError, locations.ConfigurationProblem) as error:
            findings.append(Finding(look.__name__.strip("_"), well=False, detail=str(error).strip()))
    return findings


def _software() -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), platform.python_version())
    yield Finding(
        "system",
        well=True,
        detail=f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
    )
    for name in _PACKAGES:
        try:
            yield Finding(name, well=True, detail=importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, well=False, detail="not installed", way_out="Run `make up` again.")
    lock = environment.installed_lock()
    yield Finding(
        "packages", well=True, detail=f"installed from {lock}" if lock else "installed by other means than manage.py"
    )


def _folders() -> Iterator[Finding]:
    var = locations.var_folder()
    writable = os.access(var, os.W_OK)
    yield Finding("data folder", writable, str(var), "" if writable else "Give it to the user that runs the platform.")
    if locations.services_folder() != var / "services":
        yield Finding("server data", well=True, detail=str(locations.services_folder()))
    free = shutil.disk_usage(var).free
    yield Finding(
        "disk",
        free > _LEAST_ROOM_BYTES,
        f"{free / 1024**3:.1f} GiB free",
        "" if free > _LEAST_ROOM_BYTES else "Make room: 2 GiB at least.",
    )
    hidden = children.can_hide()
    yield Finding(
        "signing key",
        well=True,
        detail="hidden from all processes that `up` starts but the one that signs"
        if hidden
        else "this system hides no folder from a process: with `up`, each can read the key that signs the log",
    )
    other = guard.running()
    yield Finding(
        "up", well=True, detail=f"process {other.process_id}, {other.url}" if other else "not running on this machine"
    )


def _models() -> Iterator[Finding]:
    path = models.default_generation_model()
    complete = models.is_complete(path)
    yield Finding(
        "text model",
        complete,
        path.name if complete else f"{path} is missing or damaged",
        "" if complete else "Run `make up`: it is fetched again.",
    )


def _devices() -> Iterator[Finding]:
    program = shutil.which("nvidia-smi")
    if program is None:
        yield Finding("devices", well=True, detail="cpu")
        return
    result = subprocess.run([program, "-L"], capture_output=True, text=True, check=False, timeout=20)
    names = [line.partition(" (")[0] for line in result.stdout.splitlines() if line.strip()]
    yield Finding("devices", well=True, detail=", ".join(["cpu", *names]))


def _database() -> Iterator[Finding]:
    kind = "embedded" if settings.CONNECTIONS.database_is_embedded else "DATABASE_URL"
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), rolname, rolsuper OR rolbypassrls,"
                " (SELECT extversion FROM pg_extension WHERE extname = 'vector') FROM "
                "pg_roles WHERE rolname = current_user"
            )
            version, role, unbound, vector = cursor.fetchone() or ("", "", True, None)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[-1]
        way_out = "Start it with `make up`." if kind == "embedded" else "Check DATABASE_URL and the server."
        yield Finding("postgresql", well=False, detail=f"{kind}: does not answer ({reason})", way_out=way_out)
        return
    yield Finding("postgresql", well=True, detail=f"{version}, {kind}")
    yield Finding("pgvector", vector is not None, vector or "missing", "" if vector else "Run `manage.py prepare`.")
    yield Finding(
        "database role",
        not unbound,
        str(role),
        "It must not bypass row security: see DATABASE_OWNER_URL." if unbound else "",
    )
    # Read with the ordinary role: the owner's is for changes alone.
    executor = MigrationExecutor(connections["default"])
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Finding(
        "migrations",
        not pending,
        f"{pending} pending" if pending else "all applied",
        "Run `manage.py prepare`." if pending else "",
    )
    if not pending:
        altered, unverified = len(altered_logs()), unverified_logs()
        yield Finding(
            "audit logs",
            not altered,
            f"{altered} not as written" if altered else "none found altered",
            "`manage.py audit verify --all` says where, and since when." if altered else "",
        )
        moments = [f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never" for moment in unverified.values()]
        yield Finding(
            "audit verification",
            not unverified,
            f"{len(unverified)} not verified to the end in two days or broken off, last found as written: "
            f"{min(moments, key=lambda said: (said != 'never', said))}"
            if unverified
            else "every log within two days",
            "Verify on the log's page “Verification”; the worker's log says what broke off. Beat does it each night."
            if unverified
            else "",
        )


def _services() -> Iterator[Finding]:
    found = health.measure()
    kind = "embedded" if settings.CONNECTIONS.redis_is_embedded else "REDIS_URL"
    way_out = (
        ""
        if found.valkey
        else ("Start it with `make up`." if kind == "embedded" else "Check REDIS_URL and the server.")
    )
    yield Finding("valkey", found.valkey, kind if found.valkey else f"{kind}: does not answer", way_out)
    counts = waiting()
    for queue, answered in found.queues.items():
        took = f" in {found.milliseconds[queue]:.0f} ms" if queue in found.milliseconds else ""
        yield Finding(
            f"queue {queue}",
            answered,
            f"{'answers' + took if answered else 'nobody answers'}, {counts.get(queue, 0)} waiting",
            "" if answered else "Start its worker: `make up`, or see its log in the data folder.",
        )


def _configuration() -> Iterator[Finding]:
    problems = [message for message in run_checks(databases=["default"]) if message.is_serious()]
    if not problems:
        yield Finding("configuration", well=True, detail=settings.ENVIRONMENT)
    for message in problems:
        yield Finding("configuration", well=False, detail=message.msg, way_out=message.hint or "")
