"""`manage.py up`: start everything on this machine, watch it, stop it. Holds no Django."""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from llmasos.runtime import children, components, external, guard, locations, models
from llmasos.runtime.components import WORKERS
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.runtime.postgres import EmbeddedPostgres
from llmasos.runtime.supervisor import Component, Supervisor
from llmasos.runtime.valkey import EmbeddedValkey

_READY_SECONDS = 300.0
# A large database takes long to back up and to migrate, and must not be cut off in the middle.
_PREPARE_SECONDS = 6 * 3600.0
# What a command says of its own failure begins with this.
_SAID = "llmasos: "


def main(arguments: Sequence[str]) -> int:
    """Run until a signal asks to stop; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="manage.py up",
        description="Start PostgreSQL, Valkey, the workers and the web server, and keep them running until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("LLMASOS_PORT", "8000")))
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default %(default)s)")
    parser.add_argument("--no-demo", action="store_true", help="an empty installation with a one-time set-up page")
    parser.add_argument("--json", action="store_true", help="print one JSON object when ready; progress goes to stderr")
    options = parser.parse_args(arguments)
    if options.no_demo:
        # For every process: pages name the demo's sign-ins where there is one.
        os.environ["LLMASOS_DEMO"] = "0"
    return Launch(options).run()


class Launch:
    """One run of `manage.py up`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._var = locations.var_folder()
        self._began = time.monotonic()
        shown = f"[{options.host}]" if ":" in options.host else options.host
        self._url = f"http://{'127.0.0.1' if shown in {'0.0.0.0', '[::]'} else shown}:{options.port}"  # noqa: S104
        self._supervisor = Supervisor(tell=self._tell)
        self._postgres = EmbeddedPostgres(self._var)
        self._valkey = EmbeddedValkey(self._var)

    def run(self) -> int:
        """Start, watch, stop."""
        try:
            with guard.DataLock(self._var) as lock:
                guard.require_finished_restore(self._var)
                guard.require_room(self._var)
                guard.require_free_port(self._options.host, self._options.port)
                lock.announce(self._url)
                self._supervisor.listen_for_signals()
                try:
                    self._start()
                    self._supervisor.watch()
                finally:
                    self._stop()
        except OSError as error:
            raise ConfigurationProblem(guard.explain_os_error(error, self._var)) from error
        return 0

    def _start(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            model = pool.submit(models.obtain, var=self._var, tell=self._tell)
            digest = pool.submit(_sources_digest)
            self._start_servers(pool)
            known = _prepared_digest(self._var) == digest.result()
            preparation = self._begin_preparation(known=known)
            if known and not self._supervisor.stopping:
                # Nothing changed since the last start: the workers may load while that is made sure of.
                model.result()
                self._start_users()
            result = self._finish_preparation(preparation)
            model.result()
            if not known:
                _remember_prepared(self._var, digest.result())
                if not self._supervisor.stopping:
                    self._start_users()
        if self._wait_until_ready():
            self._show_ready(result)

    def _start_servers(self, pool: ThreadPoolExecutor) -> None:
        urls = locations.connection_urls(self._var)
        preparing: list[tuple[str, Any, Future[None]]] = []
        # Only their folders and files are prepared in threads: a child dies with the thread that started it.
        if urls.redis_is_embedded:
            preparing.append(("valkey", self._valkey, pool.submit(self._valkey.prepare)))
        if urls.database_is_embedded:
            preparing.append(("postgres", self._postgres, pool.submit(self._postgres.prepare)))
        for name, server, prepared in preparing:
            prepared.result()
            component = Component(name=name, command=server.command, is_server=True)
            server.process = self._supervisor.start(component)
        for name, server, _ in preparing:
            server.wait_until_ready()
            if server is self._postgres:
                self._postgres.provision()
            self._tell_ready(name)
        if not urls.redis_is_embedded:
            external.check_redis(urls.redis)
            self._tell_ready("redis (outside)")
        if not urls.database_is_embedded:
            external.prepare_database(urls, var=self._var)
            self._tell_ready("database (outside)")

    def _begin_preparation(self, *, known: bool) -> subprocess.Popen[bytes]:
        arguments = ["prepare", "--backup", "--base-url", self._url, "--report", str(self._report)]
        self._report.unlink(missing_ok=True)
        if self._options.no_demo:
            arguments.append("--no-demo")
        if known:
            arguments.append("--no-static")
        command = components.once("prepare", *arguments)
        if command.log is not None:
            command.log.unlink(missing_ok=True)
        return children.spawn(command)

    @property
    def _report(self) -> Path:
        return locations.run_folder(self._var) / "prepared-report.json"

    def _finish_preparation(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        log = locations.log_folder(self._var) / "prepare.log"
        told = 0

        def is_at_work() -> bool:
            nonlocal told
            steps = [line for line in _lines(log) if line.startswith(components.PROGRESS)]
            for step in steps[told:]:
                self._tell(step.removeprefix(components.PROGRESS))
            told = len(steps)
            return process.poll() is None

        try:
            self._supervisor.wait_while(is_at_work, seconds=_PREPARE_SECONDS)
        finally:
            if process.poll() is None:
                children.stop(process, seconds=2.0)
        if self._supervisor.stopping:
            return {}
        if process.returncode != 0:
            cause = cause_in(_lines(log))
            raise ConfigurationProblem(f"The data could not be prepared: {cause}\nThe whole message is in {log}.")
        self._tell_ready("data (migrations, organisations, static files)")
        report = json.loads(self._report.read_text(encoding="utf-8"))
        return dict(report)

    def _start_users(self) -> None:
        for name in WORKERS:
            self._supervisor.start(components.worker(name))
        self._supervisor.start(components.web(host=self._options.host, port=self._options.port))
        self._supervisor.start(components.beat())

    def _wait_until_ready(self) -> bool:
        waiting = {"web", *WORKERS}

        def look() -> bool:
            for name in _what_answers(self._options.host, self._options.port):
                if name in waiting:
                    waiting.discard(name)
                    self._tell_ready(name)
            return bool(waiting)

        if self._supervisor.wait_while(look, seconds=_READY_SECONDS):
            self._tell_ready("beat")
            return True
        if self._supervisor.stopping:
            return False
        logs = ", ".join(str(locations.log_folder(self._var) / f"{name}.log") for name in sorted(waiting))
        raise ConfigurationProblem(
            f"{', '.join(sorted(waiting))} did not become ready in {_READY_SECONDS:.0f} s: see {logs}."
        )

    def _show_ready(self, report: dict[str, Any]) -> None:
        seconds = time.monotonic() - self._began
        if self._options.json:
            print(json.dumps({"ready": self._url, "seconds": round(seconds, 1), **report}), flush=True)
            return
        print(f"ready {self._url}", flush=True)
        for line in report.get("notes", []):
            print(f"  {line}", flush=True)
        if report.get("https_outside") and self._options.host not in {"127.0.0.1", "::1", "localhost"}:
            print(
                "  From other machines it answers over HTTPS only: see “HTTPS” in docs/operators-guide.md.", flush=True
            )
        print("  Ctrl-C stops everything.", flush=True)

    def _stop(self) -> None:
        if self._supervisor.components:
            self._tell("stopping")
        self._supervisor.stop()
        self._postgres.process = None
        self._valkey.process = None
        self._postgres.stop()

    def _tell_ready(self, name: str) -> None:
        self._tell(f"{name} is ready ({time.monotonic() - self._began:.1f} s)")

    def _tell(self, text: str) -> None:
        print(text, file=sys.stderr if self._options.json else sys.stdout, flush=True)


def _lines(log: Path) -> list[str]:
    """Return what a process has said so far."""
    try:
        return log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        return []


def cause_in(lines: list[str]) -> str:
    """Return why a command failed, by what it said: its own last sentence, whatever came after it."""
    own = [line.removeprefix(_SAID) for line in lines if line.startswith(_SAID)]
    return (own or lines or ["no message"])[-1]


def _what_answers(host: str, port: int) -> set[str]:
    """Return the components that answer now, by asking the web process."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what was asked for
    connection = http.client.HTTPConnection(target, port, timeout=5)
    try:
        # Only names in LLMASOS_HOSTS are answered, whatever the address.
        name = os.environ.get("LLMASOS_HOSTS", "").split(",")[0].strip().lstrip(".")
        connection.request("GET", "/health/ready", headers={"Host": name if name not in {"", "*"} else "localhost"})
        answer = connection.getresponse()
        content = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return set()
    finally:
        connection.close()
    queues = content.get("queues", {}) if isinstance(content, dict) else {}
    found = {name for name, names in WORKERS.items() if all(queues.get(queue) for queue in names)}
    return found | {"web"}


def _sources_digest() -> str:
    digest = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode())
    for path in components.sources_digest_inputs():
        facts = path.stat()
        digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _prepared_file(var: Path) -> Path:
    return locations.run_folder(var) / "prepared"


def _prepared_digest(var: Path) -> str:
    try:
        return _prepared_file(var).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _remember_prepared(var: Path, digest: str) -> None:
    _prepared_file(var).write_text(digest + "\n", encoding="ascii")
