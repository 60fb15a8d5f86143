"""Where a client finds its server and key.

Looked up in this order, the first that names a key wins:

1. the arguments of `Client(...)`,
2. the environment: LLMASOS_BASE_URL, LLMASOS_API_KEY,
3. what `llmasos login` stored: `~/.config/llmasos/credentials.json` (XDG_CONFIG_HOME is honoured),
4. what the platform on this machine wrote when it started: `run/client.json` in its data folder.

A key from a file is sent only to the server that the same file names.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmasos.client.errors import ConfigurationError

DEFAULT_BASE_URL = "http://127.0.0.1:8000"

_NO_KEY = (
    "No API key is known for {where}. On the machine that runs the platform, start it with `make up`; "
    "elsewhere run `llmasos login`, set LLMASOS_BASE_URL and LLMASOS_API_KEY, or pass "
    "base_url=... and api_key=... to Client."
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A server and the key it accepts. The key is left out of the text form on purpose."""

    base_url: str
    api_key: str

    def __repr__(self) -> str:
        return f"Credentials(base_url={self.base_url!r}, api_key=...)"


def normalise_base_url(base_url: str) -> str:
    """Return scheme, host and path without a trailing slash or `/v1`. Raises ConfigurationError."""
    url = base_url.strip().rstrip("/")
    if url.endswith("/v1"):
        url = url[: -len("/v1")].rstrip("/")
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"http", "https"} or not rest:
        raise ConfigurationError(f"{base_url!r} is not a server address. Give it as http://host:port or https://host.")
    return url


def user_credentials_path() -> Path:
    """Return where `llmasos login` keeps the key of the person at this machine."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(configured) if configured else Path.home() / ".config"
    return folder / "llmasos" / "credentials.json"


def local_credentials_path(data_folder: Path | None = None) -> Path:
    """Return where the platform leaves a key for programs on its own machine.

    `data_folder` defaults to LLMASOS_VAR, else to `var` in the checkout that holds this package.
    """
    if data_folder is None:
        configured = os.environ.get("LLMASOS_VAR", "")
        data_folder = Path(configured) if configured else Path(__file__).resolve().parents[3] / "var"
    return data_folder / "run" / "client.json"


def write_credentials(path: Path, credentials: Credentials) -> Path:
    """Store credentials so that only the current user can read them, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"base_url": credentials.base_url, "api_key": credentials.api_key}, indent=2)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return path


def read_credentials(path: Path) -> Credentials | None:
    """Return the credentials in a file, or None where there is no such file.

    Raises ConfigurationError when the file exists but cannot be used; warns when others can read it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            body = json.load(file)
        credentials = Credentials(base_url=normalise_base_url(body["base_url"]), api_key=str(body["api_key"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise ConfigurationError(
            f"{path} belongs to somebody else and cannot be read. Run `llmasos login` for a key of your own."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise ConfigurationError(
            f"{path} is damaged. Delete it, then run `llmasos login` (or restart the platform)."
        ) from error
    if os.name == "posix" and mode & 0o077:
        warnings.warn(
            f"Other users of this machine can read the API key in {path}: run `chmod 600` on it.",
            stacklevel=2,
        )
    return credentials


def find_credentials(
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Credentials:
    """Resolve server and key from arguments, environment and files. Raises ConfigurationError."""
    environment = os.environ if environment is None else environment
    wanted_url = base_url or environment.get("LLMASOS_BASE_URL") or None
    key = api_key or environment.get("LLMASOS_API_KEY") or None
    if wanted_url is not None:
        wanted_url = normalise_base_url(wanted_url)
    if key is not None and wanted_url is not None:
        return Credentials(base_url=wanted_url, api_key=key)
    for path in _readable_files():
        stored = read_credentials(path)
        if stored is None:
            continue
        if key is not None:  # the key is given, only the address is missing
            return Credentials(base_url=stored.base_url, api_key=key)
        if wanted_url is None or stored.base_url == wanted_url:
            return stored
    if key is not None:
        return Credentials(base_url=DEFAULT_BASE_URL, api_key=key)
    raise ConfigurationError(_NO_KEY.format(where=wanted_url or "any server"))


def _readable_files() -> list[Path]:
    """List the user's own file, then the platform's where this user may read it.

    The platform often runs as another user; its file is then not ours to use, which is no error.
    """
    local = local_credentials_path()
    paths = [user_credentials_path()]
    try:
        if os.access(local, os.R_OK):
            paths.append(local)
    except OSError:
        pass
    return paths
