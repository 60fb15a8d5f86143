"""Embeddings by sentence-transformers. torch is imported when a model is loaded, not before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
    from llmasos.inference.types import Vectors


class SentenceTransformersBackend(Backend):
    """Runs the model's own modules (transformer, pooling, normalisation) on token ids.

    `SentenceTransformer.encode` spends as long on bookkeeping as on a short text, so tokenizer and
    modules are called directly; the vectors are the same, which a test holds to 1e-5.
    """

    def __init__(self, source: ModelSource) -> None:
        if not source.path.exists():
            raise ModelUnavailable(f"the folder of model {source.name} is missing")
        digest = digest_of_weights(source.path)
        if source.digest and source.digest != digest:
            raise ModelUnavailable(f"the weights of model {source.name} are not the ones catalogued")
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        import torch
        from sentence_transformers import SentenceTransformer

        if source.device == "cpu":
            torch.set_num_threads(source.threads)
        self._torch = torch
        self._model = SentenceTransformer(str(source.path), device=source.device)
        self._model.eval()
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
        self.embed_tokens(self.tokenize(["warm"]))

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        if self._rust is not None:
            if len(texts) == 1:
                return [self._rust.encode(texts[0]).ids]
            return [encoding.ids for encoding in self._rust.encode_batch_fast(list(texts))]
        encoded = self._tokenizer(list(texts), truncation=True, max_length=self._limit)
        return [list(ids) for ids in encoded["input_ids"]]

    def embed_tokens(self, batch: Sequence[Sequence[int]]) -> Vectors:
        torch = self._torch
        longest = max(len(tokens) for tokens in batch)
        ids = np.full((len(batch), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        with torch.inference_mode():
            features: dict[str, Any] = {
                "input_ids": torch.from_numpy(ids).to(self._model.device),
                "attention_mask": torch.from_numpy(mask).to(self._model.device),
            }
            vectors = self._model(features)["sentence_embedding"].float()
            # Models without a normalising module are normalised here; for others it changes nothing.
            vectors = torch.nn.functional.normalize(vectors, p=2, dim=1)
            result: Vectors = vectors.cpu().numpy()
        return result

    def close(self) -> None:
        self.__dict__.pop("_model", None)
