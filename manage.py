#!/usr/bin/env python3
"""LLMasOS's one command: sets up what is missing, then runs what was asked. Try `manage.py help`."""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
# Kept readable for old interpreters: they should get the sentence below, not a syntax error.
if sys.version_info < (3, 11):
    sys.exit(
        "LLMasOS needs Python 3.11 or later, and this is %d.%d: install one (Debian, Ubuntu: "
        "`sudo apt-get install python3.11 python3.11-venv`; macOS: `brew install python@3.12`) "
        "and call manage.py with it." % sys.version_info[:2]
    )


def main() -> None:
    """Enter the virtual environment, making it where it is missing, and run the command."""
    for folder in (ROOT, os.path.join(ROOT, "platform")):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    from llmasos.runtime import entry

    sys.exit(entry.main(sys.argv))


if __name__ == "__main__":
    main()
