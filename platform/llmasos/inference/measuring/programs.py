"""Programs that speak to the web process during a benchmark: their keys, and how they ask."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
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


def program(address: str, key: str, *, connections: int) -> httpx.AsyncClient:
    """A client with so many connections at most."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False)


async def ask(client: httpx.AsyncClient, prompt: str, *, tokens: int) -> Answered:
    """Stream one answer of at most so many tokens."""
    body = {
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    started, first, made = time.perf_counter(), 0.0, 0
    timings: Mapping[str, float] = {}
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        if response.status_code != httpx.codes.OK:
            raise CommandError((await response.aread()).decode())
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            chunk: dict[str, Any] = json.loads(line[6:])
            if "error" in chunk:
                raise CommandError(str(chunk["error"]["message"]))
            if not first and any(choice["delta"].get("content") for choice in chunk["choices"]):
                first = time.perf_counter() - started
            if chunk.get("usage"):
                made, timings = int(chunk["usage"]["completion_tokens"]), chunk["timings"]
    return Answered(first, time.perf_counter() - started, made, timings)
