"""Text generation by llama.cpp inside this process, with its continuous batching over slots."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import mmap
import os
import secrets
import shutil
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llmasos.inference.backends.base import (
    GENERATE,
    Backend,
    BackendInfo,
    Completion,
    ModelSource,
    OnDetail,
    OnText,
    digest_of_weights,
    no_detail,
)
from llmasos.inference.backends.calling import Choice, described, may_call, speaks_of_tools
from llmasos.inference.backends.openai_form import Hearing, turns, wishes
from llmasos.inference.backends.slots import Slots
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, TooLong
from llmasos.inference.payloads import size_of
from llmasos.inference.types import GenerationRequest

# A key of the header, and the number of the type that its value has: text, which its length precedes.
_TEMPLATE_KEY = b"tokenizer.chat_template" + struct.pack("<I", 8)
_LENGTH = struct.Struct("<Q")
LONGEST_TEMPLATE = 1 << 20
SPINS = "1000"
"""How long a thread of a step spins while it waits for another one, which may have lost its core to another process."""
CPU_BATCH_TOKENS = 64
"""How many tokens of prompts a step takes on a processor: whoever comes, and each answer, waits for one."""


def preload_openmp() -> None:
    """Makes libgomp available on machines without it, from the copy inside torch, without importing torch."""
    # Read once, when the library is loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    with contextlib.suppress(OSError):
        ctypes.CDLL("libgomp.so.1", mode=ctypes.RTLD_GLOBAL)
        return
    spec = importlib.util.find_spec("torch")
    if spec is not None and spec.origin is not None:
        for library in sorted((Path(spec.origin).parent / "lib").glob("libgomp*.so*")):
            with contextlib.suppress(OSError):
                ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
                return


def chat_template(path: Path) -> str:
    """Return the chat template in a GGUF file's header; empty where there is none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place = content.find(_TEMPLATE_KEY)
        if place < 0:
            return ""
        start = place + len(_TEMPLATE_KEY) + _LENGTH.size
        (length,) = _LENGTH.unpack(content[start - _LENGTH.size : start])
        return bytes(content[start : start + min(length, LONGEST_TEMPLATE)]).decode("utf-8", "replace")


def server_parameters(source: ModelSource) -> Any:
    """llama.cpp's settings for one model, the same for the service and for the benchmark's peer."""
    preload_openmp()
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(source.path)
    parameters.n_parallel = source.slots
    parameters.n_ctx = source.slots * source.context_tokens
    if source.device == "cpu":
        # Beside one token of each answer.
        parameters.n_batch = parameters.n_ubatch = CPU_BATCH_TOKENS + source.slots
    parameters.cpuparams.n_threads = source.threads
    parameters.cpuparams_batch.n_threads = source.threads
    # The server would keep up to 8 GiB of past prompts in memory, whoever sent them.
    parameters.cache_ram_mib = 0
    parameters.verbosity = -1
    parameters.ui = False
    parameters.endpoint_slots = False
    return parameters


class XllamacppBackend(Backend):
    """Calls the server's handlers in process. Its own listener is put where nobody can reach it.

    The library opens an HTTP listener whether wanted or not: here it is a unix socket in a folder
    that only this user may enter, behind a random key, and the socket file is removed at once.
    """

    def __init__(self, source: ModelSource) -> None:
        if not source.path.is_file():
            raise ModelUnavailable(f"the file of model {source.name} is missing")
        digest = digest_of_weights(source.path)
        if source.digest and source.digest != digest:
            raise ModelUnavailable(f"the weights of model {source.name} are not the ones catalogued")
        parameters = server_parameters(source)
        import xllamacpp

        folder = tempfile.mkdtemp(prefix="llmasos-")
        try:
            parameters.hostnames = [str(Path(folder) / "closed.sock")]
            parameters.n_threads_http = 1
            parameters.api_keys = [secrets.token_urlsafe(32)]
            self._server: Any = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise ModelUnavailable(f"llama.cpp cannot load model {source.name}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._batch = int(parameters.n_batch)
        self._slots = Slots(source.slots, step_tokens=CPU_BATCH_TOKENS if source.device == "cpu" else 0)
        self._calls_tools = "tools" in chat_template(source.path)
        self.info = BackendInfo(
            tasks=frozenset({GENERATE}),
            digest=digest,
            context_tokens=source.context_tokens,
            slots=source.slots,
        )

    def generate(
        self, request: GenerationRequest, on_text: OnText, *, owner: str, on_detail: OnDetail = no_detail
    ) -> Completion:
        if self._calls_tools or not speaks_of_tools(request):
            return self._generate(request, on_text, on_detail, owner)
        if not may_call(request):
            return self._generate(described(request), on_text, on_detail, owner)
        choice = Choice(request, on_text, on_detail)
        return choice.end(self._generate(described(request), choice.take, on_detail, owner))

    def _generate(self, request: GenerationRequest, on_text: OnText, on_detail: OnDetail, owner: str) -> Completion:
        if request.prompt is None and not request.messages:
            raise InvalidRequest("the prompt is empty")
        text = _prompt_text(request)
        if not text.strip():
            raise InvalidRequest("the prompt is empty")
        taken = self._slots.take(owner, text, size=size_of(request), is_left=lambda: on_text(""))
        if taken is None:
            return Completion("cancelled", 0, 0, 0.0, 0.0)
        slot, reusable = taken
        try:
            return self._run(request, Hearing(request, on_text, on_detail), slot=slot, reusable=reusable)
        finally:
            self._slots.give_back(slot, owner, text)

    def _run(self, request: GenerationRequest, shown: Hearing, *, slot: int, reusable: bool) -> Completion:
        outcome = _Outcome(shown, batch=self._batch, read=lambda: self._slots.read(slot))
        body: dict[str, Any] = {
            "stream": True,
            "stream_options": {"include_usage": True},
            # Called back after each batch of the prompt, so that it can be stopped there.
            "return_progress": True,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "id_slot": slot,
            "cache_prompt": reusable,
            **wishes(request),
        }
        try:
            if request.prompt is not None:
                body["prompt"] = request.prompt
                self._server.handle_completions(body, outcome)
            else:
                body["messages"] = turns(request)
                self._server.handle_chat_completions(body, outcome)
        except ValueError as error:
            # A schema without a grammar, or turns that the model's template has no place for.
            reason = str(error).rpartition("failed: ")[2]
            raise InvalidRequest(f"the model cannot be given this request: {reason}") from error
        return outcome.completion()

    def close(self) -> None:
        self.__dict__.pop("_server", None)


class _Outcome:
    """The callback of one generation: passes text on and remembers how it ended."""

    def __init__(self, shown: Hearing, *, batch: int, read: Callable[[], None]) -> None:
        self._shown = shown
        self._batch = batch
        self._read = read
        self._started = time.perf_counter()
        self._usage: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}
        self._error: dict[str, Any] | None = None
        self._raised: BaseException | None = None
        self._prompt_tokens = 0

    def __call__(self, chunk: dict[str, Any]) -> bool:
        try:
            return self._take(chunk)
        except BaseException as error:  # noqa: BLE001
            # An exception must not travel through C++; it is raised again after the call.
            self._raised = error
            return True

    def _take(self, chunk: dict[str, Any]) -> bool:
        if "error" in chunk:
            self._error = chunk["error"]
            return True
        if "prompt_progress" in chunk and self._leaves(chunk["prompt_progress"]):
            self._shown.reason = "cancelled"
            return True
        self._usage = chunk.get("usage") or self._usage
        self._timings = chunk.get("timings") or self._timings
        return self._shown.take(chunk)

    def _leaves(self, progress: dict[str, Any]) -> bool:
        """Whether the reader leaves between two batches of the prompt; else the next one is at work."""
        if progress["processed"] >= progress["total"]:
            self._read()
        if self._shown.on_text(""):
            self._prompt_tokens = int(progress["processed"])
            return True
        self._prompt_tokens = min(int(progress["total"]), int(progress["processed"]) + self._batch)
        self._shown.on_detail("counted", [{"prompt_tokens": self._prompt_tokens}])
        return False

    def completion(self) -> Completion:
        if self._raised is not None:
            raise self._raised
        if self._error is not None:
            if self._error.get("type") == "exceed_context_size_error":
                raise TooLong.of(int(self._error["n_prompt_tokens"]), int(self._error["n_ctx"]))
            message = str(self._error.get("message", ""))
            if int(self._error.get("code", 500)) < 500:
                raise InvalidRequest(message)
            raise ModelUnavailable(message)
        ended = time.perf_counter()
        first = self._shown.first or ended
        return Completion(
            finish_reason=self._shown.reason or "stop",
            prompt_tokens=int(self._usage.get("prompt_tokens", self._prompt_tokens)),
            completion_tokens=int(self._usage.get("completion_tokens", self._shown.pieces)),
            prefill_ms=float(self._timings.get("prompt_ms", (first - self._started) * 1000)),
            decode_ms=float(self._timings.get("predicted_ms", (ended - first) * 1000)),
        )


def _prompt_text(request: GenerationRequest) -> str:
    if request.prompt is not None:
        return request.prompt
    return "\n".join(
        f"{message.role}:{message.content}{message.tool_calls or ''}" for message in request.messages or ()
    )
