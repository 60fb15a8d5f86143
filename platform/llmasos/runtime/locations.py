"""Where this installation keeps its data, sockets and secrets, and how its servers are reached.

Standard library only: ``manage.py`` reads this before any dependency is installed, and ``settings`` before any
server runs. Everything is derived from one folder, ``LLMASOS_VAR`` (``var/`` in the repository unless set).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

DATABASE_NAME = "llmasos"
SUPERUSER_ROLE = "postgres"
OWNER_ROLE = "llmasos_owner"
APP_ROLE = "llmasos_app"
# Folders of servers that may not run as root lie here; each installation has its own.
ROOT_SERVICE_HOME = Path("/var/lib/llmasos")
ROOT_SOCKET_HOME = Path("/run/llmasos")


class ConfigurationProblem(Exception):  # noqa: N818 - it is said to people
    """The surroundings do not allow what was asked. The message is one sentence that says the way out."""


@dataclass(frozen=True)
class ConnectionUrls:
    """How this process reaches PostgreSQL and Valkey (or Redis)."""

    database: str
    """The role ``llmasos_app``: what web, workers and tests use."""
    owner: str
    """The role ``llmasos_owner``: migrations only. The same as ``database`` where only that one is known."""
    superuser: str | None
    """The embedded server's superuser; None when an outside server is configured."""
    redis: str
    """For redis-py."""
    broker: str
    """For Celery: the same server, in kombu's spelling of unix sockets."""
    database_is_embedded: bool
    redis_is_embedded: bool


def repository_root() -> Path:
    """Return the folder that holds ``manage.py``."""
    return Path(__file__).resolve().parents[3]


def var_folder() -> Path:
    """Return the data folder, absolute. It need not exist yet."""
    configured = os.environ.get("LLMASOS_VAR", "")
    return Path(configured).expanduser().absolute() if configured else repository_root() / "var"


def _resolved(var: Path | None) -> Path:
    return var_folder() if var is None else Path(var).absolute()


def make_private_folder(folder: Path) -> Path:
    """Make ``folder``, and those of its parents that are missing, for their owner alone; return it."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def checkpoint_key_folder(var: Path | None = None) -> Path:
    """Return the folder of the key that signs checkpoints, which the checkpoint process alone may read."""
    return Path(os.environ.get("LLMASOS_CHECKPOINT_KEY_FOLDER", "") or _resolved(var) / "checkpoint-keys").absolute()


def models_folder(var: Path | None = None) -> Path:
    """Return the folder of model files that packages brought or that were pulled."""
    return _resolved(var) / "models"


def log_folder(var: Path | None = None) -> Path:
    """Return the folder of the components' logs."""
    return _resolved(var) / "log"


def run_folder(var: Path | None = None) -> Path:
    """Return the folder of lock files and of what the running processes tell each other."""
    return _resolved(var) / "run"


def static_folder(var: Path | None = None) -> Path:
    """Return the folder that ``collectstatic`` fills."""
    return _resolved(var) / "static"


def uploads_folder(var: Path | None = None) -> Path:
    """Return the folder of uploaded originals."""
    return _resolved(var) / "uploads"


def secrets_folder(var: Path | None = None) -> Path:
    """Return the folder of generated secrets (0700, each file 0600)."""
    return _resolved(var) / "secrets"


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def secret(name: str, *, var: Path | None = None, make: Callable[[], str] = _new_token) -> str:
    """Return the secret ``name``, made on first use.

    Two processes that ask at once get the same value: the file appears complete or not at all.

    Raises:
        ConfigurationProblem: the folder cannot be written, or the file is empty.
    """
    path = secrets_folder(var) / name
    try:
        return _read_secret(path)
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise ConfigurationProblem(
            f"{path} cannot be read: run as the user that owns {path.parent.parent}, "
            "or set LLMASOS_VAR to a folder of your own."
        ) from error
    draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        make_private_folder(path.parent)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise ConfigurationProblem(
            f"{path} cannot be written ({error.strerror}): make the folder writable or set LLMASOS_VAR to another one."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return _read_secret(path)


def _read_secret(path: Path) -> str:
    value = path.read_text(encoding="ascii").strip()
    if not value:
        raise ConfigurationProblem(
            f"{path} is empty: restore it from a backup, or remove {path.parent.parent} to start anew."
        )
    return value


def installation_id(var: Path | None = None) -> str:
    """Return twelve hexadecimal digits that name this data folder, wherever it is moved to."""
    return secret("installation", var=var, make=lambda: uuid.uuid4().hex[:12])


def runs_as_root() -> bool:
    """Say whether this process is root: PostgreSQL refuses to run as root and gets a user of its own."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def services_folder(var: Path | None = None) -> Path:
    """Return the folder of the embedded servers' data: in ``var/``, or for root where their own user may go."""
    if runs_as_root():
        return ROOT_SERVICE_HOME / installation_id(var)
    return _resolved(var) / "services"


def socket_folder(var: Path | None = None) -> Path:
    """Return the folder of the embedded servers' sockets.

    A unix socket's path may have 107 bytes (103 on macOS), so the folder does not lie under ``var/``. It does not
    depend on the environment, so that a shell, a scheduled job and the supervisor agree on it.
    """
    identifier = installation_id(var)
    if runs_as_root():
        home = ROOT_SOCKET_HOME if sys.platform == "linux" else Path("/var/run/llmasos")
        return home / identifier
    base = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108 - private 0700 leaf
    return base / f"llmasos-{os.getuid()}-{identifier}"


def configured_value(name: str) -> str:
    """Return the environment variable ``name`` or the content of the file that ``name_FILE`` points to, else "".

    Raises:
        ConfigurationProblem: both are set, or the file cannot be read.
    """
    value = os.environ.get(name, "")
    path = os.environ.get(f"{name}_FILE", "")
    if value and path:
        raise ConfigurationProblem(f"{name} and {name}_FILE are both set: keep one of them.")
    if not path:
        return value
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationProblem(f"{name}_FILE names {path}, which cannot be read ({error.strerror}).") from error


def connection_urls(var: Path | None = None) -> ConnectionUrls:
    """Return how to reach the database and the broker. Deterministic, and needs no running server.

    ``DATABASE_URL``, ``DATABASE_OWNER_URL`` and ``REDIS_URL`` (or their ``_FILE`` variants) win over the embedded
    servers.
    """
    database, owner, superuser, embedded = _database_urls(var)
    redis = configured_value("REDIS_URL")
    return ConnectionUrls(
        database=database,
        owner=owner,
        superuser=superuser,
        redis=redis or f"unix://:{secret('valkey', var=var)}@{socket_folder(var) / 'valkey.sock'}?db=0",
        broker=_broker_url(redis)
        if redis
        else f"redis+socket://:{secret('valkey', var=var)}@{socket_folder(var) / 'valkey.sock'}",
        database_is_embedded=embedded,
        redis_is_embedded=not redis,
    )


def _database_urls(var: Path | None) -> tuple[str, str, str | None, bool]:
    configured = configured_value("DATABASE_URL")
    owner = configured_value("DATABASE_OWNER_URL")
    if configured:
        if not owner and app_role_was_made(configured, var=var):
            return app_role_url(configured), configured, None, False
        return configured, owner or configured, None, False
    if owner:
        raise ConfigurationProblem(
            "DATABASE_OWNER_URL is set without DATABASE_URL: set both, or neither for the embedded server."
        )
    host = quote(str(socket_folder(var)), safe="/")

    def url(role: str, name: str) -> str:
        return f"postgresql://{role}:{secret(name, var=var)}@/{DATABASE_NAME}?host={host}"

    return (
        url(APP_ROLE, "database_app"),
        url(OWNER_ROLE, "database_owner"),
        url(SUPERUSER_ROLE, "database_superuser"),
        True,
    )


def app_role_url(owner_url: str) -> str:
    """Return ``owner_url`` for the role ``llmasos_app``, whose password follows from the owner's.

    Every machine that knows the owner's URL arrives at the same one, without a file passed around.
    """
    parts = urlsplit(owner_url)
    password = hashlib.sha256(f"llmasos app role\0{unquote(parts.password or '')}".encode()).hexdigest()
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{APP_ROLE}:{password}@{place}"))


def _roles_file(var: Path | None) -> Path:
    return secrets_folder(var) / "external_roles.json"


def app_role_was_made(owner_url: str, *, var: Path | None = None) -> bool:
    """Say whether :func:`remember_app_role` was called for this URL."""
    try:
        known = json.loads(_roles_file(var).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(known, list) and hashlib.sha256(owner_url.encode()).hexdigest() in known


def remember_app_role(owner_url: str, *, var: Path | None = None) -> None:
    """Note that the outside server behind ``owner_url`` has the role ``llmasos_app`` with the derived password."""
    make_private_folder(secrets_folder(var))
    path = _roles_file(var)
    path.write_text(json.dumps([hashlib.sha256(owner_url.encode()).hexdigest()]) + "\n", encoding="utf-8")
    path.chmod(0o600)


def _broker_url(redis_url: str) -> str:
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = dict(parse_qsl(parts.query))
    database = query.pop("db", "")
    if database and database != "0":
        query["virtual_host"] = database
    return urlunsplit(parts._replace(scheme="redis+socket", query=urlencode(query)))
