"""The database and broker for a command: those that run, or the embedded ones for as long as it takes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from llmasos.runtime import external, guard, locations
from llmasos.runtime.locations import ConfigurationProblem, ConnectionUrls
from llmasos.runtime.postgres import EmbeddedPostgres
from llmasos.runtime.valkey import EmbeddedValkey


@contextmanager
def reachable(var: Path, *, alone: bool) -> Iterator[ConnectionUrls]:
    """Make sure that database and broker answer meanwhile, and yield how to reach them.

    ``alone``: nobody may be served meanwhile; the lock on the data folder is held.

    Raises:
        ConfigurationProblem: `up` runs and ``alone`` is asked for, or a server does not start or answer.
    """
    running = guard.running(var)
    if running is not None and alone:
        raise ConfigurationProblem(
            f"LLMasOS runs on {var} (process {running.process_id}): stop it first, nobody may be served meanwhile."
        )
    urls = locations.connection_urls(var)
    if not urls.database_is_embedded and external.prepare_database(urls, var=var) != urls:
        # The serving role was made just now, and this process's settings do not know it.
        os.execv(sys.executable, [sys.executable, *sys.argv])
    with ExitStack() as stack:
        if running is None:
            stack.enter_context(guard.DataLock(var))
            if urls.redis_is_embedded:
                valkey = EmbeddedValkey(var)
                valkey.start()
                stack.callback(valkey.stop)
            if urls.database_is_embedded:
                postgres = EmbeddedPostgres(var)
                postgres.start()
                stack.callback(postgres.stop)
        yield urls
