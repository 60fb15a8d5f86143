"""Which backend runs which catalogue entry. Backends are imported only when one is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from llmasos.inference.backends.base import Backend, ModelSource
from llmasos.inference.errors import ModelUnavailable

BACKENDS: Final[dict[str, str]] = {
    "sentence_transformers": "llmasos.inference.backends.sentence_transformers.SentenceTransformersBackend",
    "transformers": "llmasos.inference.backends.families.load",
    "openai": "llmasos.inference.backends.openai.OpenAIBackend",
    "xllamacpp": "llmasos.inference.backends.xllamacpp.XllamacppBackend",
    "echo": "llmasos.inference.backends.echo.EchoBackend",
}


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
