"""Which backend runs which catalogue entry. Backends are imported only when one is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from llmasos.inference.backends.base import Backend, ModelSource
from llmasos.inference.errors import ModelUnavailable, NotOffered
from llmasos.inference.types import GenerationRequest

BACKENDS: Final[dict[str, str]] = {
    "sentence_transformers": "llmasos.inference.backends.sentence_transformers.SentenceTransformersBackend",
    "transformers": "llmasos.inference.backends.families.load",
    "openai": "llmasos.inference.backends.openai.OpenAIBackend",
    "xllamacpp": "llmasos.inference.backends.xllamacpp.XllamacppBackend",
    "echo": "llmasos.inference.backends.echo.EchoBackend",
}

# What beyond plain text the models of a backend offer.
OFFERS: Final[dict[str, frozenset[str]]] = {
    "openai": frozenset({"logprobs", "json_object", "json_schema", "tools"}),
    "xllamacpp": frozenset({"logprobs", "json_object", "json_schema", "tools"}),
    "echo": frozenset({"logprobs", "json_object", "tools"}),
}


def require_offered(backend: str, request: GenerationRequest) -> None:
    """Raise NotOffered for a request that wants what the models of a backend do not have."""
    offered = OFFERS.get(backend, frozenset())
    wanted = {
        "logprobs": "logprobs" if request.top_logprobs is not None else "",
        "response_format": str(request.response_format["type"]) if request.response_format is not None else "",
        "tools": "tools" if request.tools else "",
    }
    for param, what in wanted.items():
        if what and what not in offered:
            raise NotOffered(f"this model does not offer {what}", param=param)


def load(backend: str, source: ModelSource) -> Backend:
    """Loads a model. Raises ModelUnavailable when the backend is unknown or not installed."""
    if backend not in BACKENDS:
        raise ModelUnavailable(f"there is no backend named {backend}")
    module_name, _, class_name = BACKENDS[backend].rpartition(".")
    try:
        loader = getattr(import_module(module_name), class_name)
        loaded: Backend = loader(source)
    except ImportError as error:
        raise ModelUnavailable(f"the backend {backend} is not installed") from error
    if loaded.is_local == source.is_outside:
        loaded.close()
        raise ModelUnavailable(f"the backend {backend} and the catalogue disagree about where model {source.name} runs")
    return loaded
