"""Embeddings by sentence-transformers. torch is imported when a model is loaded, not before."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from llmasos.inference.backends.base import (
    EMBED,
    Backend,
    BackendInfo,
    ModelSource,
    digest_of_weights,
)
from llmasos.inference.errors import ModelUnavailable

if TYPE_CHECKING:
    from torch import Tensor

    from llmasos.inference.types import Vectors

logger = logging.getLogger(__name__)

# Texts that are worth a thread of their own.
SHARE_TEXTS = 2
# Fewer tokens than these are not worth dividing.
NARROW_TOKENS = 128
# How long threads that share a matrix wait for each other before they sleep: about a tenth of a millisecond.
SPINS = "2000"
LEAST_COSINE = 0.9999


class SentenceTransformersBackend(Backend):
    """Runs the model's own modules (transformer, pooling, normalisation) on token ids.

    `SentenceTransformer.encode` spends as long on bookkeeping as on a short text, so tokenizer and
    modules are called directly; on a processor the modules run as one traced graph, which holds the interpreter
    lock once instead of a thousand times. The vectors are the same, which a test holds to 1e-5.

    On a processor a batch is shared out to threads that each compute alone: a small matrix is not worth dividing, and
    two threads with a batch each do half again as much as two threads with one batch together. A short text has one
    thread: two take as long, and each waits for the other at every step by spinning, which on a busy machine takes
    several times as long and the processor from everybody else.

    With the precision bfloat16, on a processor that has it, matrices are multiplied in bfloat16 and summed in float32:
    batches take about a third of the time, and vectors keep a cosine above 0.9999 to the full ones.
    """

    def __init__(self, source: ModelSource) -> None:
        if not source.path.exists():
            raise ModelUnavailable(f"the folder of model {source.name} is missing")
        digest = digest_of_weights(source.path)
        if source.digest and source.digest != digest:
            raise ModelUnavailable(f"the weights of model {source.name} are not the ones catalogued")
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        # Read once, by GNU's OpenMP, when torch is imported. Its own default spins for some ten milliseconds.
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
        import torch
        from sentence_transformers import SentenceTransformer

        self._shares = ThreadPoolExecutor(
            source.threads, thread_name_prefix="embed-share", initializer=torch.set_num_threads, initargs=(1,)
        )
        self._most_shares = source.threads if source.device == "cpu" else 1
        if source.device == "cpu":
            torch.set_num_threads(source.threads)
        self._torch = torch
        self._model = SentenceTransformer(str(source.path), device=source.device)
        self._model.eval().requires_grad_(requires_grad=False)
        # Fast tokenizers keep the Rust object here; it has none of the dictionary building of a call.
        tokenizer: Any = self._model.tokenizer
        self._rust: Any = getattr(tokenizer, "_tokenizer", None)
        self._tokenizer = tokenizer
        self._limit = int(self._model.max_seq_length or 512)
        self._padding = int(tokenizer.pad_token_id or 0)
        if self._rust is not None:
            self._rust.no_padding()
            self._rust.enable_truncation(max_length=self._limit)
        self.info = BackendInfo(
            tasks=frozenset({EMBED}),
            digest=digest,
            dimensions=int(self._model.get_embedding_dimension() or 0),
            context_tokens=self._limit,
        )
        if source.precision not in ("float32", "bfloat16"):
            raise ModelUnavailable(f"a precision is float32 or bfloat16, not {source.precision}")
        self._halved = source.precision == "bfloat16" and self._has_bfloat16()
        traced = self._traced() if source.device == "cpu" else None
        self._forward: Callable[[Tensor, Tensor], Tensor] = traced or self._modules
        self.embed_tokens(self.tokenize(["warm"]))

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        if self._rust is not None:
            if len(texts) == 1:
                return [self._rust.encode(texts[0]).ids]
            return [encoding.ids for encoding in self._rust.encode_batch_fast(list(texts))]
        encoded = self._tokenizer(list(texts), truncation=True, max_length=self._limit)
        return [list(ids) for ids in encoded["input_ids"]]

    def embed_tokens(self, batch: Sequence[Sequence[int]]) -> Vectors:
        shares = min(self._most_shares, len(batch) // SHARE_TEXTS)
        if shares < 2:
            is_narrow = self._most_shares > 1 and sum(map(len, batch)) < NARROW_TOKENS
            return self._shares.submit(self._embedded, batch).result() if is_narrow else self._embedded(batch)
        bounds = [len(batch) * number // shares for number in range(shares + 1)]
        parts = [batch[start:end] for start, end in pairwise(bounds)]
        return np.concatenate(list(self._shares.map(self._embedded, parts)))

    def _embedded(self, batch: Sequence[Sequence[int]]) -> Vectors:
        torch = self._torch
        longest = max(len(tokens) for tokens in batch)
        ids = np.full((len(batch), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        with torch.inference_mode():
            vectors = self._forward(
                torch.from_numpy(ids).to(self._model.device), torch.from_numpy(mask).to(self._model.device)
            )
            result: Vectors = vectors.cpu().numpy()
        return result

    def _modules(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the vectors [texts, dimensions] of token ids and their mask [texts, longest]."""
        vectors = self._model({"input_ids": ids, "attention_mask": mask})["sentence_embedding"].float()
        # Models without a normalising module are normalised here; for others it changes nothing.
        return self._torch.nn.functional.normalize(vectors, p=2, dim=1)

    def _traced(self) -> Callable[[Tensor, Tensor], Tensor] | None:
        """Return the modules as one graph; None for a model that cannot be traced or does not keep its vectors."""
        torch = self._torch
        limit = min(self._limit, 48)
        samples = [self._sample(texts, length) for texts, length in ((2, 9), (1, 3), (1, limit), (5, limit))]
        try:
            # Tracing warns of each branch on a shape; whether one of them matters is what the samples show.
            with torch.inference_mode(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # Kept copies of the weights would be no part of the graph.
                with torch.autocast("cpu", torch.bfloat16, enabled=self._halved, cache_enabled=False):
                    graph = torch.jit.trace(self._modules, samples[0], check_trace=False)
                same = all(self._are_same(graph(*one), self._modules(*one)) for one in samples)
        except Exception:
            logger.info("a model runs without a traced graph", exc_info=True)
            return None
        return cast("Callable[[Tensor, Tensor], Tensor]", graph) if same else None

    def _are_same(self, vectors: Tensor, expected: Tensor) -> bool:
        if self._halved:
            return bool(((vectors * expected).sum(dim=1) > LEAST_COSINE).all())
        return bool(self._torch.allclose(vectors, expected, atol=1e-6))

    def _has_bfloat16(self) -> bool:
        """Whether the processor multiplies bfloat16 itself; without, it would take longer than float32."""
        has = self._torch.cpu.get_capabilities()
        return bool(has.get("amx_bf16") or has.get("avx512_bf16"))

    def _sample(self, texts: int, length: int) -> tuple[Tensor, Tensor]:
        """Return token ids and a mask whose last text is padded to half."""
        torch = self._torch
        ids = torch.arange(texts * length, dtype=torch.int64).reshape(texts, length) % 100 + 5
        mask = torch.ones_like(ids)
        mask[-1, (length + 1) // 2 :] = 0
        return ids, mask

    def close(self) -> None:
        self._shares.shutdown()
        for name in ("_forward", "_model"):
            self.__dict__.pop(name, None)
