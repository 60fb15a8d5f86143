"""The subcommands of `manage.py privacy`: a module each with ``HELP``, ``add_arguments`` and ``handle``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Protocol

from django.core.management.base import BaseCommand

from llmasos.privacy.commands import erase, expire, export, keys, rotate_keys


class Subcommand(Protocol):
    """What a module here offers. ``handle`` prints one JSON object where ``options["json"]`` is set."""

    HELP: str

    def add_arguments(self, parser: ArgumentParser, /) -> None: ...

    def handle(self, command: BaseCommand, options: dict[str, Any], /) -> None: ...


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "erase": erase,
    "export": export,
    "expire": expire,
    "keys": keys,
    "rotate-keys": rotate_keys,
}
