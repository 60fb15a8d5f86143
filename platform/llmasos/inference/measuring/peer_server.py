"""The peer of `bench generate`: xllamacpp's own HTTP server, in a process of its own.

Reads a line of JSON with the model's source, prints the address it listens on, ends with its input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from llmasos.inference.backends.base import ModelSource
from llmasos.inference.backends.xllamacpp import server_parameters


def main() -> None:
    given = json.loads(sys.stdin.readline())
    source = ModelSource(**{**given, "path": Path(given["path"])})
    parameters = server_parameters(source)
    import xllamacpp

    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    del server


if __name__ == "__main__":
    main()
