"""docs/commands.md names every command of the platform with its options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from llmasos.runtime import locations

OURS = sorted(
    name
    for name, application in get_commands().items()
    if isinstance(application, str) and not application.startswith("django.") and "llmasos" in application
)
DJANGOS = set(BaseCommand().create_parser("manage.py", "x")._option_string_actions)


def actions_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the names of subcommands and the long options."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield name
                yield from actions_of(below)
        else:
            yield from (option for option in action.option_strings if option.startswith("--"))


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_documented_with_its_options(name: str) -> None:
    text = (locations.repository_root() / "docs/commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert name in sections
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    missing = {word for word in actions_of(parser) if word not in DJANGOS | {"--json"} and word not in sections[name]}
    assert missing == set()
    assert "{" in sections[name]


def test_every_command_offers_json() -> None:
    for name in OURS:
        if name == "up":
            continue
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        assert "--json" in set(actions_of(parser)), name
