"""Which backend runs which catalogue entry. Backends are imported only when one is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from llmasos.inference.backends.base import Backend, ModelSource
from llmasos.inference.errors import ModelUnavailable

BACKENDS: Final[dict[str, str]] = {
    "sentence_transformers": "llmasos.inference.backends.sentence_transformers.SentenceTransformersBackend",
    "xllamacpp": "llmasos.inference.backends.xllamacpp.XllamacppBackend",
    "echo": "llmasos.inference.backends.echo.EchoBackend",
}


OUTSIDE: Final[set[str]] = set()
"""Backends that send what they are given to another organisation's machine: their prompts are de-identified first."""


def is_local(backend: str) -> bool:
    """Whether what this backend is given stays on the organisation's machines."""
    return backend not in OUTSIDE


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
    if loaded.is_local != is_local(backend):
        loaded.close()
        raise ModelUnavailable(f"the backend {backend} and the list of backends disagree about where it runs")
    return loaded
