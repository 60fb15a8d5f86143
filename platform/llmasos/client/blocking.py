"""The blocking client."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from llmasos.client.credentials import find_credentials
from llmasos.client.errors import LLMasOSError
from llmasos.client.results import (
    ChatReply,
    Embeddings,
    Model,
    Ranked,
    SearchHit,
    chat_reply_from,
    embeddings_from,
    models_from,
    ranked_from,
    search_hits_from,
)
from llmasos.client.streams import Stream
from llmasos.client.support import Support
from llmasos.client.transport import (
    DEFAULT_MAX_TOKENS,
    DEFAULT_TIMEOUT_SECONDS,
    Call,
    Prompt,
    RetryPolicy,
    client_options,
    connection_error,
    embedding_bodies,
    generation_body,
    json_object,
    prompt_messages,
    rerank_body,
    search_body,
    status_error,
)
from llmasos.client.tutor import Tutor
from llmasos.client.version import VERSION


class Client:
    """A connection to an LLMasOS server; safe to share between threads.

    Server and key are found as `llmasos.client.credentials` says: arguments, environment, the file of
    `llmasos login`, the platform on this machine. `timeout` counts seconds for one attempt;
    `max_retries` is how often a call is tried again after a lost connection, 429 or 5xx, with a growing
    pause and the same idempotency key. `transport` replaces the connection in tests.
    Every method raises a kind of `LLMasOSError`; the tree is drawn in `llmasos.client.errors`.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        max_retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._credentials = find_credentials(base_url=base_url, api_key=api_key)
        self._retries = RetryPolicy(max_retries=max_retries)
        self._http = httpx.Client(**client_options(self._credentials, timeout, VERSION), transport=transport)

    @property
    def base_url(self) -> str:
        """The server's address without `/v1`."""
        return self._credentials.base_url

    @property
    def support(self) -> Support:
        """Answers from the knowledge; the key needs the scope "search"."""
        return Support(self._send)

    @property
    def tutor(self) -> Tutor:
        """Courses, set work, proposals and results; the key needs the scope "tutor"."""
        return Tutor(self._send)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()

    def generate_text(
        self,
        prompt: str,
        *,
        model: str | None = None,
        max_tokens: int | None = DEFAULT_MAX_TOKENS,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
        raw: bool = False,
    ) -> str:
        """Return what the model writes for a prompt.

        The prompt is put to the model as one user turn in the model's own chat form; with `raw` the
        model continues the text exactly as given. `max_tokens` bounds the answer's length in tokens,
        None leaves it to the server. `temperature` 0 always takes the likeliest token (the server's default),
        `seed` makes a higher one repeatable, `stop` ends the answer before any of these strings.
        """
        body = generation_body(
            model=model,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            stop=stop,
            seed=seed,
        )
        if raw:
            call = Call("POST", "/v1/completions", {**body, "prompt": prompt})
        else:
            call = Call("POST", "/v1/chat/completions", {**body, "messages": prompt_messages(prompt)})
        return chat_reply_from(self._ask(call)).text

    def chat(
        self,
        messages: Prompt,
        *,
        model: str | None = None,
        max_tokens: int | None = DEFAULT_MAX_TOKENS,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
    ) -> ChatReply:
        """Answer a conversation: a text, or turns as `Message` or mappings with role and content."""
        body = generation_body(
            model=model,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            stop=stop,
            seed=seed,
        )
        call = Call("POST", "/v1/chat/completions", {**body, "messages": prompt_messages(messages)})
        return chat_reply_from(self._ask(call))

    def stream(
        self,
        prompt: Prompt,
        *,
        model: str | None = None,
        max_tokens: int | None = DEFAULT_MAX_TOKENS,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
    ) -> Stream:
        """Answer piece by piece: iterate the result; use it as a context manager to stop early.

        A connection that is lost midway is made again, and the answer goes on where it was, for as long as the
        server comes back within a minute (`max_retries` 0: it is not).
        """
        body = generation_body(
            model=model,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            stop=stop,
            seed=seed,
        )
        call = Call(
            "POST",
            "/v1/chat/completions",
            {
                **body,
                "messages": prompt_messages(prompt),
                "stream": True,
                "stream_options": {"include_usage": True},
            },
        )
        return Stream(call, self._open, self._attempt, self._retries)

    def embed(self, texts: str | Iterable[str], *, model: str | None = None) -> Embeddings:
        """Return one vector of length 1 a text. Any number of texts; long lists travel in batches."""
        bodies = [self._ask(Call("POST", "/v1/embeddings", body)) for body in embedding_bodies(texts, model)]
        return embeddings_from(bodies)

    def search(self, query: str, *, collection: str | Sequence[str] | None = None, k: int = 10) -> list[SearchHit]:
        """Find the `k` passages that fit a question best, in one, several or all collections.

        A collection is named by its name or its id.
        """
        call = Call("POST", "/api/search", search_body(query, collection, k))
        return search_hits_from(self._ask(call))

    def rerank(
        self, query: str, texts: Sequence[str], *, model: str | None = None, top_n: int | None = None
    ) -> list[Ranked]:
        """Rank texts by how well they fit a query, best first; `top_n` bounds how many come back."""
        body = rerank_body(query, texts, model, top_n)
        return ranked_from(self._ask(Call("POST", "/v1/rerank", body)), texts)

    def models(self) -> list[Model]:
        """List the models that the key may use."""
        return models_from(self._ask(Call("GET", "/v1/models")))

    def _ask(self, call: Call) -> Mapping[str, Any]:
        return json_object(self._send(call))

    def _send(self, call: Call) -> httpx.Response:
        return self._open(call, stream=False)

    def _open(self, call: Call, *, stream: bool) -> httpx.Response:
        """Send a call until it succeeds or the retry policy gives up."""
        attempt = 0
        while True:
            try:
                return self._attempt(call, stream=stream)
            except LLMasOSError as error:
                pause = self._retries.pause(attempt, error)
                if pause is None:
                    raise
            time.sleep(pause)
            attempt += 1

    def _attempt(self, call: Call, *, stream: bool) -> httpx.Response:
        request = self._http.build_request(
            call.method, call.path, params=call.params, json=call.body, headers=call.headers()
        )
        try:
            response = self._http.send(request, stream=stream)
            if response.is_success:
                return response
            response.read()
            response.close()
        except httpx.TransportError as error:
            raise connection_error(error, self.base_url) from error
        raise status_error(response)
