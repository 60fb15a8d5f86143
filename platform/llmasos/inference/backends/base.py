"""The contract that every backend keeps; tests/inference/test_backends.py is its one conformance suite."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmasos.inference.errors import InvalidRequest
from llmasos.inference.types import GenerationRequest

if TYPE_CHECKING:
    from llmasos.inference.types import AnswerSpan, Classification, TextScore, Vectors

EMBED = "embed"
GENERATE = "generate"
RERANK = "rerank"
CLASSIFY = "classify"
ANSWER_SPAN = "answer_span"
SCORE = "score"

OnText = Callable[[str], bool]
"""Gets each piece of text as it is made; returning True stops the generation. An empty piece only asks for that."""
OnDetail = Callable[[str, Sequence[Mapping[str, Any]]], bool]
"""Gets what comes beside text where the request asks for it; returning True stops the generation.

"logprobs": the tokens of the piece that comes next. "tool_calls": calls as they grow, as OpenAI's streams have them.
"counted", asked for or not: one row with prompt_tokens, as many as are processed or at work, or with completion_tokens,
where more were made than shown.
"""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """What to load: a file or folder, its expected SHA-256 (empty: not checked) and where to run it.

    For a model on a server, ``server`` is its address and ``server_model`` the name there; ``is_outside`` says that it
    is another organisation's machine. ``remote_code`` lets a folder bring code, where an operator allowed it.
    ``precision`` is what a processor multiplies in: float32, or bfloat16 where it has that.
    """

    name: str
    path: Path
    digest: str = ""
    device: str = "cpu"
    threads: int = 2
    slots: int = 8
    context_tokens: int = 2048
    task: str = ""
    remote_code: bool = False
    server: str = ""
    server_model: str = ""
    key: str = field(default="", repr=False)
    is_outside: bool = False
    precision: str = "float32"


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What a loaded model can do. `slots` is how many generations may run at once."""

    tasks: frozenset[str]
    digest: str
    dimensions: int = 0
    context_tokens: int = 0
    slots: int = 1


@dataclass(frozen=True, slots=True)
class Completion:
    """How a generation ended: finish_reason is stop, length, tool_calls or cancelled; times in milliseconds.

    ``prompt_tokens`` is 0 where the model was left before it told.
    """

    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    prefill_ms: float
    decode_ms: float


def no_detail(_kind: str, _rows: Sequence[Mapping[str, Any]]) -> bool:
    """The `OnDetail` of a caller that asks for nothing beside text."""
    return False


class Backend(ABC):
    """A model that is loaded by its constructor and freed by `close`.

    Embedding is called from one thread at a time. `generate` is called from up to `info.slots`
    threads at once and blocks until its own text is finished. Both raise InvalidRequest for what
    the model cannot take, and ModelUnavailable where the weights are missing or changed.
    """

    info: BackendInfo
    is_local: bool = True
    """Whether prompts stay on the organisation's machines."""

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut at the model's limit; the engine batches by their lengths."""
        raise InvalidRequest("this model does not embed text")

    def embed_tokens(self, batch: Sequence[Sequence[int]]) -> Vectors:
        """Normalised float32 vectors of one micro-batch, in its order."""
        raise InvalidRequest("this model does not embed text")

    def generate(
        self, request: GenerationRequest, on_text: OnText, *, owner: str, on_detail: OnDetail = no_detail
    ) -> Completion:
        """Makes text. `owner` names the organisation: cached prompts are never shared between two."""
        raise InvalidRequest("this model does not generate text")

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text fits the query, from 0 to 1."""
        raise InvalidRequest("this model does not rank texts")

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """The labels of each text, or of spans in it."""
        raise InvalidRequest("this model does not classify text")

    def answer_span(self, question: str, texts: Sequence[str]) -> list[AnswerSpan]:
        """The words of each text that answer the question best; an empty span where none do."""
        raise InvalidRequest("this model does not find answers in text")

    def score(self, texts: Sequence[str]) -> list[TextScore]:
        """How likely the model finds each text."""
        raise InvalidRequest("this model does not tell how likely a text is")

    @abstractmethod
    def close(self) -> None:
        """Frees the model. May be called twice."""


def digest_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def digest_of_weights(path: Path) -> str:
    """SHA-256 of a model's weights: the file itself, or the folder's weight files in name order.

    A folder with one weight file has that file's digest, so that it can be compared with what a
    publisher states.
    """
    if path.is_file():
        return digest_of(path)
    weights = _weights_in(path)
    if not weights:
        return ""
    if len(weights) == 1:
        return digest_of(weights[0])
    joined = "\n".join(f"{digest_of(entry)}  {entry.name}" for entry in weights)
    return hashlib.sha256(joined.encode()).hexdigest()


def size_of_weights(path: Path) -> int:
    """Bytes of a model's weights on disk: of the file itself, or of the folder's weight files."""
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in _weights_in(path))


def _weights_in(folder: Path) -> list[Path]:
    patterns = ("*.safetensors", "*.gguf", "pytorch_model*.bin", "*.onnx")
    return sorted(entry for pattern in patterns for entry in folder.glob(pattern))
