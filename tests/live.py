"""A live web server with echo workers over a database that really commits, for tests that speak HTTP."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.live import LivePlatform, running_platform

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

START_SECONDS = 240.0
# At once would be too fast for a client to leave midway.
TOKEN_MS = 5.0


@dataclass(frozen=True)
class LiveServer:
    """The platform, and API keys of its shop: every scope, only search, and one of another organisation."""

    platform: LivePlatform
    key: str
    narrow_key: str
    foreign_key: str

    @property
    def url(self) -> str:
        return self.platform.url


@contextmanager
def live_server(blocker: DjangoDbBlocker, folder: Path) -> Iterator[LiveServer]:
    """Start web server and echo workers; the server is ready when a text was embedded and one generated."""
    with running_platform(blocker, folder, token_ms=TOKEN_MS) as platform:
        with platform.database():
            server = LiveServer(
                platform=platform,
                key=api_key("shop", ["generate", "embed", "search", "tutor"]),
                narrow_key=api_key("shop", ["search"]),
                foreign_key=api_key("clinic", ["generate", "embed", "search"]),
            )
        _wait_until_answered(server)
        yield server


def api_key(slug: str, scopes: list[str]) -> str:
    """A key of an organisation, which is added where it is not there. In the platform's database."""
    from llmasos.accounts.principals import system_principal
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.services import add_organisation, create_api_key

    organisation_id = organisation_id_by_slug(slug) or add_organisation(slug=slug, name=slug.title()).pk
    issued = create_api_key(
        principal=system_principal(organisation_id), organisation_id=organisation_id, name="Tests", scopes=scopes
    )
    return issued.secret


def _wait_until_answered(server: LiveServer) -> None:
    waiting = {
        "/v1/embeddings": {"input": "ready?"},
        "/v1/completions": {"prompt": "ready?"},
    }
    give_up = time.monotonic() + START_SECONDS
    while waiting and time.monotonic() < give_up:
        for path in tuple(waiting):
            request = urllib.request.Request(
                server.url + path,
                data=json.dumps(waiting[path]).encode(),
                headers={"Authorization": f"Bearer {server.key}"},
            )
            with contextlib.suppress(urllib.error.URLError, TimeoutError, ConnectionError):
                urllib.request.urlopen(request, timeout=20).close()
                del waiting[path]
        time.sleep(0.1)
    if waiting:
        logs = [path.read_text()[-3000:] for path in sorted(server.platform.logs.glob("*.log"))]
        raise RuntimeError(f"{sorted(waiting)} were not served:\n" + "\n".join(logs))
