"""The folders and the system user of servers that must not run as root, and their binaries."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from pathlib import Path

from llmasos.runtime import locations
from llmasos.runtime.locations import ConfigurationProblem

SYSTEM_USER = "llmasos"
# Neither headers nor static libraries are needed to run a server.
_NOT_NEEDED = shutil.ignore_patterns("include", "*.a", "pginstall", "__pycache__", "*.py", "pkgconfig", "pgxs")


def service_user() -> str | None:
    """Return the system user that embedded servers run as: None means the current one. Made on first use.

    Raises:
        ConfigurationProblem: there is no such user and it cannot be made.
    """
    if not locations.runs_as_root():
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
    return SYSTEM_USER


def _make_system_user() -> None:
    command = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    advice = "PostgreSQL refuses to run as root: run as an ordinary user"
    if command is None:
        raise ConfigurationProblem(f"{advice}, or install useradd (apt-get install passwd).")
    arguments = [command, "--system", "--no-create-home", "--home-dir", str(locations.ROOT_SERVICE_HOME)]
    arguments += ["--shell", "/usr/sbin/nologin", "--user-group", SYSTEM_USER]
    result = subprocess.run(arguments, capture_output=True, text=True, check=False)
    with contextlib.suppress(KeyError):
        # Another set-up may have made it at the same moment.
        pwd.getpwnam(SYSTEM_USER)
        return
    raise ConfigurationProblem(f"{advice}, or make the system user {SYSTEM_USER} by hand ({result.stderr.strip()}).")


def own_folder(folder: Path, user: str | None) -> Path:
    """Make ``folder`` with mode 0700 for ``user`` and return it; one that belongs to somebody else is refused.

    Raises:
        ConfigurationProblem: the folder exists and is a link or another user's.
    """
    if user is not None:
        # Only these two parents, which are ours: the user must be able to pass through them.
        for home in (locations.ROOT_SERVICE_HOME, locations.ROOT_SOCKET_HOME):
            if home in folder.parents:
                home.mkdir(mode=0o755, exist_ok=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {wanted, os.geteuid()}:
        raise ConfigurationProblem(f"{folder} belongs to somebody else: remove it and start again.")
    if user is not None:
        os.chown(folder, wanted, pwd.getpwnam(user).pw_gid)
    folder.chmod(0o700)
    return folder


def package_folder(package: str, *, user: str | None) -> Path:
    """Return the installed folder of ``package``; for ``user`` a copy that it can reach, made once a version.

    Raises:
        ConfigurationProblem: the package is not installed, or the disk is full.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ConfigurationProblem(
            f"The package {package} is not installed: run `make up` again, or set DATABASE_URL and REDIS_URL."
        )
    source = Path(found.origin).parent
    if user is None:
        return source
    version = importlib.metadata.version(package)
    home = locations.ROOT_SERVICE_HOME / "binaries" / f"{package}-{version}"
    if not (home / package).is_dir():
        _copy_package(source, home)
    return home / package


def _copy_package(source: Path, home: Path) -> None:
    locations.ROOT_SERVICE_HOME.mkdir(mode=0o755, exist_ok=True)
    home.parent.mkdir(mode=0o755, exist_ok=True)
    draft = home.with_name(f".{home.name}.{secrets.token_hex(4)}")
    try:
        draft.mkdir(mode=0o755)
        shutil.copytree(source, draft / source.name, ignore=_NOT_NEEDED, symlinks=True)
        libraries = source.with_name(f"{source.name}.libs")
        if libraries.is_dir():
            # Beside the package, where the binaries look for them.
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _let_everyone_read(draft)
        with contextlib.suppress(OSError):
            # A folder that is already there came from a set-up at the same moment, and is the same.
            draft.rename(home)
        if not home.is_dir():
            raise ConfigurationProblem(f"{home} cannot be made: check that {home.parent} is writable.")
    except OSError as error:
        raise ConfigurationProblem(
            f"The servers' programs cannot be copied to {home} ({error.strerror}): make room or check its permissions."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _let_everyone_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            executable = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
