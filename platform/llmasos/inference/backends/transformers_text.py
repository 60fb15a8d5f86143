"""Text generation by transformers: any causal model of a Hugging Face folder.

Models whose attention can be paged are batched continuously, as requests come and go. Recurrent ones (RWKV, Mamba)
and others whose state cannot be paged answer one request after the other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from llmasos.inference.backends.base import (
    GENERATE,
    Backend,
    BackendInfo,
    Completion,
    ModelSource,
    OnDetail,
    OnText,
    no_detail,
)
from llmasos.inference.backends.huggingface import context_of, load_folder
from llmasos.inference.backends.wording import TextOut
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, TooLong
from llmasos.inference.types import GenerationRequest

PAGE_TOKENS = 32
CPU_BATCH_TOKENS = 512
SILENT_SECONDS = 0.5


class TransformersTextBackend(Backend):
    """A causal model with its tokenizer's chat template; without one, roles and contents are written line by line."""

    def __init__(self, source: ModelSource) -> None:
        self._tokenizer, model, digest = load_folder(source, "AutoModelForCausalLM")
        self._context = context_of(model, source)
        self._runner: _Batched | _OneByOne = (
            _Batched(model, source, self._context) if _can_be_paged(model) else _OneByOne(model)
        )
        self.info = BackendInfo(
            tasks=frozenset({GENERATE}),
            digest=digest,
            context_tokens=self._context,
            slots=source.slots if isinstance(self._runner, _Batched) else 1,
        )

    def generate(
        self, request: GenerationRequest, on_text: OnText, *, owner: str, on_detail: OnDetail = no_detail
    ) -> Completion:
        ids = self._ids(request)
        if len(ids) >= self._context:
            raise TooLong.of(len(ids), self._context)
        room = min(request.max_tokens, self._context - len(ids))
        started = time.perf_counter()
        first: list[float] = []

        def passed_on(piece: str) -> bool:
            if not first:
                first.append(time.perf_counter())
            return on_text(piece)

        out = TextOut(self._decoded, request.stop, passed_on)
        ended_itself = self._runner.run(ids, request, room, out)
        out.end()
        ended = time.perf_counter()
        begun = first[0] if first else ended
        return Completion(
            finish_reason=out.reason or ("stop" if ended_itself else "length"),
            prompt_tokens=len(ids),
            completion_tokens=out.tokens,
            prefill_ms=(begun - started) * 1000,
            decode_ms=(ended - begun) * 1000,
        )

    def _ids(self, request: GenerationRequest) -> list[int]:
        text = request.prompt
        if text is None:
            turns = [{"role": one.role, "content": one.content} for one in request.messages or ()]
            if not any(turn["content"].strip() for turn in turns):
                raise InvalidRequest("the prompt is empty")
            if getattr(self._tokenizer, "chat_template", None):
                text = str(self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
                return self._encoded(text, special=False)
            text = "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns) + "\nassistant:"
        if not text.strip():
            raise InvalidRequest("the prompt is empty")
        return self._encoded(text, special=True)

    def _encoded(self, text: str, *, special: bool) -> list[int]:
        return [int(one) for one in self._tokenizer(text, add_special_tokens=special)["input_ids"]]

    def _decoded(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True)) if ids else ""

    def close(self) -> None:
        runner = self.__dict__.pop("_runner", None)
        if runner is not None:
            runner.close()


def _can_be_paged(model: Any) -> bool:
    return bool(getattr(model, "_supports_attention_backend", False)) and not getattr(model, "_is_stateful", False)


def _ends(model: Any) -> set[int]:
    found = model.generation_config.eos_token_id
    found = model.config.get_text_config().eos_token_id if found is None else found
    return set() if found is None else {int(one) for one in (found if isinstance(found, list) else [found])}


class _Batched:
    """One batch that requests join and leave at every step; transformers pages their attention.

    Pages are never shared, since how fast a prompt is processed would tell one organisation what another had sent.
    The batch samples with one generator: a request's seed has no effect here.
    """

    def __init__(self, model: Any, source: ModelSource, context: int) -> None:
        from transformers import GenerationConfig
        from transformers.generation.configuration_utils import ContinuousBatchingConfig

        self._ends = _ends(model)
        self._vocabulary = int(model.config.get_text_config().vocab_size)
        on_processor = source.device == "cpu"
        # Temperature and the like can differ between requests only where the batch has each of them in use.
        general = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=True, temperature=0.9, top_k=50, top_p=0.9, eos_token_id=-1, max_new_tokens=context
        )
        self._manager = model.init_continuous_batching(
            generation_config=general,
            continuous_batching_config=ContinuousBatchingConfig(
                page_size=PAGE_TOKENS,
                num_blocks=source.slots * -(-context // PAGE_TOKENS) if on_processor else None,
                max_batch_tokens=CPU_BATCH_TOKENS if on_processor else None,
                per_request_processors=True,
                allow_block_sharing=False,
            ),
        )
        self._waiting: dict[str, queue.Queue[Any]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._manager.start()
        self._deliverer = threading.Thread(target=self._deliver, name="transformers-deliver", daemon=True)
        self._deliverer.start()

    def run(self, ids: list[int], request: GenerationRequest, room: int, out: TextOut) -> bool:
        """Generate until the model, the limit or the reader ends it; whether the model did."""
        name, results = uuid4().hex, queue.Queue[Any]()
        with self._lock:
            self._waiting[name] = results
        greedy = request.temperature == 0.0
        try:
            self._manager.add_request(
                ids,
                request_id=name,
                max_new_tokens=room,
                streaming=True,
                eos_token_id=sorted(self._ends) or -1,
                temperature=1.0 if greedy else max(request.temperature, 0.01),
                top_k=1 if greedy else self._vocabulary,
                top_p=1.0 if greedy else request.top_p,
            )
            return self._read(name, results, out)
        finally:
            with self._lock:
                self._waiting.pop(name, None)

    def _read(self, name: str, results: queue.Queue[Any], out: TextOut) -> bool:
        while True:
            try:
                result = results.get(timeout=SILENT_SECONDS)
            except queue.Empty:
                if not self._manager.is_running():
                    raise ModelUnavailable("the batch of this model has stopped") from None
                continue
            if result.error is not None:
                raise ModelUnavailable("the model failed on this request")
            made = result.generated_tokens
            ended = bool(made) and made[-1] in self._ends
            if out.take(made[out.tokens : len(made) - ended]):
                self._manager.cancel_request(name)
                return False
            if ended or result.is_finished():
                return ended

    def _deliver(self) -> None:
        """Hand each result to whoever waits for it; those of cancelled requests to nobody."""
        while not self._closed:
            result = self._manager.get_result(timeout=SILENT_SECONDS)
            if result is None:
                if not self._manager.is_running():
                    time.sleep(SILENT_SECONDS)
                continue
            with self._lock:
                waiting = self._waiting.get(result.request_id)
            if waiting is not None:
                waiting.put(result)

    def close(self) -> None:
        self._closed = True
        self._manager.stop(block=True, timeout=10, hard_stop=True)
        self._deliverer.join(timeout=5)


class _OneByOne:
    """One request after the other, by the library's own loop."""

    def __init__(self, model: Any) -> None:
        self._model: Any = model
        self._lock = threading.Lock()
        self._ends = _ends(model)

    def run(self, ids: list[int], request: GenerationRequest, room: int, out: TextOut) -> bool:
        """Generate until the model, the limit or the reader ends it; whether the model did."""
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        greedy = request.temperature == 0.0
        sampling = {} if greedy else {"temperature": request.temperature, "top_p": request.top_p, "top_k": 0}
        ended = False

        def step(made: Any, _scores: Any, **_: Any) -> Any:
            nonlocal ended
            token = int(made[0, -1])
            ended = token in self._ends
            enough = ended or out.take([token])
            return torch.tensor([enough], device=made.device)

        with self._lock, torch.inference_mode():
            if request.seed is not None:
                torch.manual_seed(request.seed)
            self._model.generate(
                torch.tensor([ids], device=self._model.device),
                generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
                    do_sample=not greedy, max_new_tokens=room, pad_token_id=0, eos_token_id=None, **sampling
                ),
                stopping_criteria=StoppingCriteriaList([step]),
            )
        return ended

    def close(self) -> None:
        self.__dict__.pop("_model", None)
