"""The version that the client names to the server."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _installed_version() -> str:
    try:
        return version("llmasos")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


VERSION = _installed_version()
