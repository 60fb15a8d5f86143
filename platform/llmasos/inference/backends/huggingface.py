"""Loading a Hugging Face folder: safe tensors only, no code from the folder, and an error that says what is wrong."""

from __future__ import annotations

import os
from typing import Any

from llmasos.inference.backends.base import ModelSource, digest_of_weights
from llmasos.inference.errors import ModelUnavailable


def load_folder(source: ModelSource, auto_class: str) -> tuple[Any, Any, str]:
    """Return tokenizer, model (evaluating, on the source's device) and the digest of the weights.

    ``auto_class`` is the name of a class of transformers, such as "AutoModelForCausalLM".

    Raises:
        ModelUnavailable: the weights are missing, changed, damaged or of another kind; the message says which.
    """
    digest = digest_of_weights(source.path)
    if not digest:
        raise ModelUnavailable(f"the folder of model {source.name} has no weights")
    if source.digest and source.digest != digest:
        raise ModelUnavailable(f"the weights of model {source.name} are not the ones catalogued")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if source.device == "cpu":
        torch.set_num_threads(source.threads)
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": source.remote_code}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(source.path), **options)
        model = getattr(transformers, auto_class).from_pretrained(
            str(source.path),
            use_safetensors=True,
            dtype=torch.float32 if source.device == "cpu" else "auto",
            **options,
        )
        model = model.to(source.device).eval().requires_grad_(requires_grad=False)
    except torch.OutOfMemoryError as error:
        raise ModelUnavailable(f"model {source.name} is too big for the memory of {source.device}") from error
    except MemoryError as error:
        raise ModelUnavailable(f"model {source.name} is too big for this machine's memory") from error
    except Exception as error:  # what transformers raises for a bad folder differs from file to file
        raise ModelUnavailable(_why(source, error)) from error
    return tokenizer, model, digest


def _why(source: ModelSource, error: Exception) -> str:
    said = str(error)
    if "trust_remote_code" in said:
        return f"model {source.name} brings code of its own, which no operator has allowed for it"
    if "Unrecognized" in said or "configuration class" in said:
        return f"model {source.name} is of a kind that cannot do this task"
    if "safetensors" in said and "found" in said:
        return f"model {source.name} has no weights in the safetensors format; pickled ones are not loaded"
    return f"model {source.name} cannot be loaded: its files are damaged or incomplete ({type(error).__name__})"


def context_of(model: Any, source: ModelSource) -> int:
    """Return how many tokens the model takes at most: what its configuration says, or the catalogue where it says less.

    Recurrent models have no limit of their own.
    """
    config = model.config.get_text_config()
    own = next(
        (
            int(value)
            for name in ("max_position_embeddings", "n_positions", "context_length", "max_sequence_length")
            if isinstance(value := getattr(config, name, None), int) and value > 0
        ),
        source.context_tokens,
    )
    return min(own, source.context_tokens) if source.context_tokens else own
