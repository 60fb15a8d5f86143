"""The locked packages: known vulnerabilities (`make audit-dependencies`) and licences (`make licences`).

The audit asks a vulnerability service on the network, through pip-audit. Where none can be asked, that is said and
the exit status is 3: a package that nobody was asked about is not a package without vulnerabilities.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from llmasos.runtime import locations
from llmasos.runtime.environment import CUDA_LOCK, DEVELOPMENT_LOCK, LOCK

NOT_ASKED = 3
_SECONDS = 5
_ENTRY = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)", re.MULTILINE)
# One word of these in a licence's name lets others use the package as we do; where a package offers several
# licences, one is enough.
PERMITTED = re.compile(
    r"apache|\bmit\b|mit-0|bsd|\bisc\b|mpl|mozilla public|psf|python software foundation|lgpl|lesser general|zlib"
    r"|artistic|unlicense|public domain|nvidia|cc0",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Audit:
    """What a vulnerability service said of a lock file's packages."""

    asked: int
    not_asked: tuple[str, ...]
    vulnerable: dict[str, list[str]] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The exit status: 1 with vulnerabilities, 3 where not every package could be asked about, else 0."""
        if self.vulnerable:
            return 1
        return NOT_ASKED if self.not_asked else 0


def entries(*locks: str) -> list[tuple[str, str]]:
    """Return the packages of lock files with their versions; a package may have one for each version of Python."""
    root = locations.repository_root()
    return [found for lock in locks for found in _ENTRY.findall((root / lock).read_text(encoding="utf-8"))]


def audit(locks: Iterable[str] = (CUDA_LOCK, DEVELOPMENT_LOCK)) -> Audit:
    """Ask about every locked package; first about a few, so that a machine without the service learns it at once."""
    locked = entries(*locks)
    if not _ask(locked[:3]).asked:
        return Audit(0, tuple(sorted({name for name, _ in locked})))
    return _ask(locked)


def licence_of(name: str) -> str:
    """Return an installed package's licence as its metadata states it; empty where it states none."""
    try:
        found = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    stated = "".join(found.get_all("License-Expression") or [])
    named = [value for value in found.get_all("Classifier") or [] if value.startswith("License")]
    classes = [value.rpartition(" :: ")[2] for value in named]
    # "OSI Approved" alone does not say which licence: then its text does, in its first line.
    said = stated or "; ".join(one for one in classes if one != "OSI Approved")
    return said or "".join(found.get_all("License") or []).partition("\n")[0][:80] or _title_of_text(name)


def _title_of_text(name: str) -> str:
    """Return the first line of the licence's text in a package; empty where it brings none."""
    for path in importlib.metadata.files(name) or ():
        if path.name.upper().startswith("LICEN"):
            return path.read_text(encoding="utf-8").strip().partition("\n")[0][:80]
    return ""


def _ask(packages: Sequence[tuple[str, str]]) -> Audit:
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "packages.txt"
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in packages), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(wanted), "--disable-pip", "--no-deps"]
        command += ["--format", "json", "--progress-spinner", "off", "--timeout", str(_SECONDS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return Audit(0, tuple(sorted({name for name, _ in packages})))
    asked = [answer for answer in answers if "skip_reason" not in answer]
    skipped = tuple(sorted(str(answer["name"]) for answer in answers if "skip_reason" in answer))
    vulnerable = {
        f"{answer['name']} {answer['version']}": [str(one["id"]) for one in answer["vulns"]]
        for answer in asked
        if answer["vulns"]
    }
    return Audit(len(asked), skipped, vulnerable)


def _print_audit(*, as_json: bool) -> int:
    found = audit()
    if as_json:
        print(json.dumps({"asked": found.asked, "not_asked": found.not_asked, "vulnerable": found.vulnerable}))
        return found.status
    for package, ids in found.vulnerable.items():
        print(f"{package}: {', '.join(ids)}")
    if not found.asked:
        print("No vulnerability service can be reached from here: nothing was audited. Run this where one can.")
    elif found.not_asked:
        print(f"{found.asked} packages were audited; nothing is known about {', '.join(found.not_asked)}.")
    elif not found.vulnerable:
        print(f"{found.asked} packages were audited; no vulnerability is known.")
    return found.status


def _print_licences(*, as_json: bool) -> int:
    product = {name for name, _ in entries(LOCK)}
    rows = [
        {"name": name, "version": version, "licence": licence_of(name), "product": name in product}
        for name, version in sorted(entries(LOCK, DEVELOPMENT_LOCK))
    ]
    if as_json:
        print(json.dumps({"packages": rows}))
    else:
        for row in rows:
            note = "" if row["product"] else " (development)"
            print(f"{row['name']} {row['version']}: {row['licence'] or 'not installed here'}{note}")
    return 0


def main() -> int:
    """Run one of the two commands and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m llmasos.runtime.dependencies", description=__doc__)
    parser.add_argument("command", choices=["audit", "licences"])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    show = _print_audit if options.command == "audit" else _print_licences
    return show(as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
