"""Programs that speak to the web process during a benchmark: their keys, and how they ask."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.management.base import CommandError

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.services import create_api_key, revoke_api_key
from llmasos.client.credentials import local_credentials_path, read_credentials
from llmasos.runtime import locations

TIMEOUT_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as its reader saw it: seconds to the first text and to the end, tokens, and the engine's own times."""

    first_seconds: float
    seconds: float
    tokens: int
    timings: Mapping[str, float]


def two_organisations(principal: Principal) -> tuple[UUID, UUID]:
    """The organisation that measures, and another one. Raises CommandError where there is none."""
    other = next((one for one in organisation_ids() if one != principal.organisation_id), None)
    if other is None:
        raise CommandError("This takes two organisations: manage.py organisations add SLUG makes one.")
    return principal.organisation_id, other


def running_address() -> str:
    """Where the running platform is reached. Raises CommandError where that is not known."""
    credentials = read_credentials(local_credentials_path(locations.var_folder()))
    if credentials is None:
        raise CommandError("It is not known where the platform is reached: start it with make up.")
    return credentials.base_url


@contextmanager
def keys_of(organisations: Sequence[UUID]) -> Iterator[list[str]]:
    """A key of each organisation, revoked afterwards."""
    with ExitStack() as stack:
        yield [stack.enter_context(_key_of(one)) for one in organisations]


@contextmanager
def _key_of(organisation_id: UUID) -> Iterator[str]:
    principal = system_principal(organisation_id)
    issued = create_api_key(
        principal=principal, organisation_id=organisation_id, name="bench", scopes=["generate", "embed"]
    )
    try:
        yield issued.secret
    finally:
        revoke_api_key(principal=principal, organisation_id=organisation_id, key_id=issued.key.pk)


class Program:
    """A client that leaves the processor to what it measures: of an answer it reads the first text and the last counts.

    HTTP by hand, over connections that are used again.
    """

    def __init__(self, address: str, key: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._head = (
            f"POST {parts.path}/v1/chat/completions HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: "
        ).encode()
        self._free: list[_Connection] = []

    async def __aenter__(self) -> Program:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _reader, writer in self._free:
            writer.close()

    async def ask(self, prompt: str, *, tokens: int, hear: Callable[[int], object] = lambda _: None) -> Answered:
        """Stream one answer of at most so many tokens; `hear` gets how many more have come.

        Raises CommandError where none is given.
        """
        body = json.dumps(
            {
                "messages": [{"role": "user", "content": prompt}],
                "max_tokens": tokens,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
        ).encode()
        reader, writer = await self._connection()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                started = time.perf_counter()
                writer.write(self._head + b"%d\r\n\r\n" % len(body) + body)
                answered = await _answered(reader, started, hear)
        except BaseException:
            writer.close()
            raise
        self._free.append((reader, writer))
        return answered

    async def _connection(self) -> _Connection:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            # The web process closes what is not used for some seconds.
            writer.close()
        return await asyncio.open_connection(self._host, self._port)


_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_TEXT = re.compile(rb'"content":"[^"]')
_COUNTS = re.compile(rb'data: (\{[^\n]*"usage":\{[^\n]*)\n')
_ERROR = re.compile(rb'data: (\{"error":[^\n]*)\n')
_END = b"\r\n0\r\n\r\n"


async def _answered(reader: asyncio.StreamReader, started: float, hear: Callable[[int], object]) -> Answered:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise CommandError((await reader.read(65_536)).decode(errors="replace"))
    # The web process writes whole events, so none is cut by the marks of a chunk.
    first, said, heard = 0.0, b"", 0
    while not said.endswith(_END):
        piece = await reader.read(65_536)
        if not piece:
            raise CommandError("The web process closed a stream before its end.")
        said += piece
        if more := len(_TEXT.findall(piece)):
            first = first or time.perf_counter() - started
            heard += more
            hear(more)
    seconds = time.perf_counter() - started
    if failed := _ERROR.search(said):
        raise CommandError(str(json.loads(failed[1])["error"]["message"]))
    counts = _COUNTS.search(said)
    if counts is None:
        raise CommandError("An answer ended without its counts.")
    found: dict[str, Any] = json.loads(counts[1])
    made = int(found["usage"]["completion_tokens"])
    # Tokens that were written together came as one.
    hear(made - heard)
    return Answered(first, seconds, made, found["timings"])
