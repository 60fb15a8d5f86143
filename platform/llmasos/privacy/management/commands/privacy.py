"""`manage.py privacy ...`: keys, and subjects' rights, for operators. Each subcommand is a module of its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from llmasos.privacy.commands import SUBCOMMANDS


class Command(BaseCommand):
    help = "Key-encryption keys and their rotation; a subject's export and erasure."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, subcommand in SUBCOMMANDS.items():
            subcommand.add_arguments(actions.add_parser(name, help=subcommand.HELP))

    def handle(self, *args: Any, **options: Any) -> None:
        SUBCOMMANDS[options["action"]].handle(self, options)
