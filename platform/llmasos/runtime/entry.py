"""What `manage.py` does before Django: the virtual environment, and the commands that start everything.

Standard library only, until the virtual environment's interpreter runs it.
"""

from __future__ import annotations

import os
import sys

from llmasos.runtime import environment, locations
from llmasos.runtime.locations import ConfigurationProblem

SETTINGS = "llmasos.settings"


def main(arguments: list[str]) -> int:
    """Run `manage.py` with ``arguments`` (the program first) and return the exit status."""
    command = arguments[1] if len(arguments) > 1 else "help"
    try:
        if command == "setup":
            return environment.main(arguments[2:])
        if not environment.is_inside():
            environment.ensure(development=False)
            environment.reenter(arguments)
        return _run(command, arguments)
    except ConfigurationProblem as problem:
        print(f"llmasos: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130


def _run(command: str, arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if command == "up":
        # The supervisor holds no Django: it must stay small and start quickly.
        from llmasos.runtime import up

        return up.main(arguments[2:])
    # What a command writes, such as an export or a backup, is for whoever runs it alone.
    os.umask(0o077)
    # Settings are read before Django can report a problem in words.
    locations.connection_urls()
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(arguments)
    except OperationalError as error:
        # What the server itself refused has a code; without one there was nobody to ask.
        if getattr(error.__cause__, "sqlstate", None):
            raise
        cause = str(error).strip().partition("\n")[0]
        raise ConfigurationProblem(
            f"The database does not answer ({cause}). Start the platform with `manage.py up`; "
            "`manage.py doctor` says what else is wrong."
        ) from None
    return 0
