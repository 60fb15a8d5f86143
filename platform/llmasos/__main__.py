"""`python -m llmasos` and the console script `llmasos`."""

from __future__ import annotations

import sys

from llmasos.client.commands import main

if __name__ == "__main__":
    sys.exit(main())
