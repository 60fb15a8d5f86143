"""A writer of `bench audit`, in a process of its own.

Reads lines: `ready` is answered, `{"audited": ..., "seconds": ...}` is a round of requests, one after the other.
"""

from __future__ import annotations

import json
import sys
import time
from uuid import UUID

import django


def main() -> None:
    django.setup()
    from llmasos.accounts.principals import system_principal
    from llmasos.inference.measuring.audit import read, write

    principal = system_principal(UUID(sys.argv[1]))
    for line in sys.stdin:
        made = 0
        started = time.perf_counter()
        if line.startswith("{"):
            order = json.loads(line)
            transact = write if order["audited"] else read
            while time.perf_counter() - started < order["seconds"]:
                transact(principal)
                made += 1
        sys.stdout.write(json.dumps({"requests": made, "seconds": time.perf_counter() - started}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
