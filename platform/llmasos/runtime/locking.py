"""Write the hash-locked requirement files from ``pyproject.toml``: ``make lock``.

Needs `uv` (``pip install uv``). The files hold names, versions, markers and hashes; addresses stay in each machine's
configuration.
"""

from __future__ import annotations

import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from llmasos.runtime import locations
from llmasos.runtime.environment import CUDA_LOCK, DEVELOPMENT_LOCK, LOCK

# What the CUDA build of PyTorch brings along and the CPU build does not want.
_CUDA_PACKAGES = re.compile(r"^(nvidia-|cuda-|triton\b)")
_HEADER = "# Written by `make lock` from pyproject.toml: change that and run it again.\n"
_OLDEST_PYTHON = "3.11"


def main() -> int:
    """Resolve and write the three files; return the exit status."""
    root = locations.repository_root()
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    platform = [*groups["dependencies"], *groups["optional-dependencies"]["platform"]]
    everything = _resolve(platform, constraints=None, kept=root / CUDA_LOCK)
    (root / CUDA_LOCK).write_text(_HEADER + "".join(everything), encoding="utf-8")
    cpu = [entry for entry in everything if not _CUDA_PACKAGES.match(entry)]
    cpu = [_with_cpu_hashes(entry) if entry.startswith("torch==") else entry for entry in cpu]
    (root / LOCK).write_text(_HEADER + "".join(cpu), encoding="utf-8")
    development = _resolve(
        groups["optional-dependencies"]["dev"], constraints=root / CUDA_LOCK, kept=root / DEVELOPMENT_LOCK
    )
    names = {_name(entry) for entry in everything}
    own = [entry for entry in development if _name(entry) not in names]
    (root / DEVELOPMENT_LOCK).write_text(_HEADER + "".join(own), encoding="utf-8")
    return 0


def _name(entry: str) -> str:
    return entry.partition("==")[0]


def _resolve(requirements: list[str], *, constraints: Path | None, kept: Path) -> list[str]:
    """Return one entry a package, hashes included; versions in ``kept`` stay unless LLMASOS_LOCK_UPGRADE is set."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, written = Path(folder) / "wanted.in", Path(folder) / "locked.txt"
        wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        if kept.exists() and not os.environ.get("LLMASOS_LOCK_UPGRADE"):
            written.write_text(kept.read_text(encoding="utf-8"), encoding="utf-8")
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", _OLDEST_PYTHON]
        command += [
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--only-binary",
            ":all:",
            "--no-emit-index-url",
        ]
        command += ["--output-file", str(written), str(wanted)]
        if constraints is not None:
            command += ["--constraints", str(constraints)]
        subprocess.run(command, check=True)
        text = written.read_text(encoding="utf-8")
    return re.findall(r"^[A-Za-z0-9](?:.*\\\n)*.*\n", text, re.MULTILINE)


def _with_cpu_hashes(entry: str) -> str:
    """Return torch's entry with the hashes of its macOS wheels and of the CPU builds that this machine's pip finds."""
    version = re.match(r"torch==([^ \\]+)", entry)
    if version is None:
        raise ValueError(entry)
    known = _known_cpu_hashes(version[1])
    hashes = sorted(known | _index_hashes(version[1]) | _found_cpu_hashes(version[1]))
    return " \\\n".join([f"torch=={version[1]}", *(f"    --hash=sha256:{digest}" for digest in hashes)]) + "\n"


def _known_cpu_hashes(version: str) -> set[str]:
    """Hashes of CPU builds that another machine added stay while the version does."""
    lock = locations.repository_root() / LOCK
    text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    found = re.search(rf"^torch=={re.escape(version)} (?:.*\\\n)*.*$", text, re.MULTILINE)
    return set(re.findall(r"sha256:([0-9a-f]{64})", found[0])) if found else set()


def _found_cpu_hashes(version: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet"]
        command += ["--only-binary", ":all:", "--report", str(report), f"torch=={version}+cpu"]
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            return set()
        archive = json.loads(report.read_text(encoding="utf-8"))["install"][0]["download_info"]["archive_info"]
    return {archive["hashes"]["sha256"]}


def _index_hashes(version: str) -> set[str]:
    """Return the hashes of torch's macOS wheels from the index that pip is configured for."""
    from pip._internal.models.index import PyPI

    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    ).stdout.strip()
    address = (os.environ.get("PIP_INDEX_URL") or configured or PyPI.simple_url).rstrip("/") + "/torch/"
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - pip's own index
        links = _Links()
        links.feed(answer.read().decode("utf-8"))
    wanted = re.compile(rf"^torch-{re.escape(version)}-cp3(11|12|13)-cp3\d+-macosx")
    hashes = set()
    for link in links.found:
        parts = urlsplit(urljoin(address, link))
        if wanted.match(Path(parts.path).name) and parts.fragment.startswith("sha256="):
            hashes.add(parts.fragment.removeprefix("sha256="))
    return hashes


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


if __name__ == "__main__":
    sys.exit(main())
