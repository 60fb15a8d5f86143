"""The suite's own PostgreSQL and Valkey, in a temporary folder; loaded before Django reads its settings."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

VAR = Path(tempfile.mkdtemp(prefix="llmasos-test-"))
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)
os.environ["LLMASOS_VAR"] = str(VAR)
os.environ["LLMASOS_ENV"] = "test"
os.environ["LLMASOS_DEMO"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

from llmasos.runtime import locations  # noqa: E402
from llmasos.runtime.postgres import EmbeddedPostgres  # noqa: E402
from llmasos.runtime.valkey import EmbeddedValkey  # noqa: E402

_started: list[EmbeddedPostgres | EmbeddedValkey] = []


def start_postgres() -> EmbeddedPostgres:
    server = EmbeddedPostgres(VAR, durable=False, owner_creates_databases=True)
    server.start()
    _started.append(server)
    return server


def start_valkey() -> EmbeddedValkey:
    server = EmbeddedValkey(VAR)
    server.start()
    _started.append(server)
    return server


def stop_services() -> None:
    """Stop what this session started and remove its folders, also those outside ``VAR``."""
    while _started:
        _started.pop().stop()
    if VAR.exists():
        for folder in (locations.services_folder(VAR), locations.socket_folder(VAR)):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(VAR, ignore_errors=True)


atexit.register(stop_services)
