"""Which backend reads a Hugging Face folder: its own configuration says what the weights were made for."""

from __future__ import annotations

import json
from pathlib import Path

from llmasos.inference.backends.base import (
    ANSWER_SPAN,
    CLASSIFY,
    EMBED,
    GENERATE,
    RERANK,
    SCORE,
    Backend,
    ModelSource,
)
from llmasos.inference.errors import InvalidRequest, ModelUnavailable


def load(source: ModelSource) -> Backend:
    """Load a folder for the source's task. Raises ModelUnavailable where it is of another kind."""
    from llmasos.inference.backends import transformers_reading as reading
    from llmasos.inference.backends.transformers_text import TransformersTextBackend

    if not (source.path / "config.json").is_file():
        raise ModelUnavailable(f"the folder of model {source.name} is missing or has no config.json")
    made_for = task_of(source.path)
    # What a causal model would write and how likely it finds a text come from the same weights.
    if source.task != made_for and (made_for, source.task) != (GENERATE, SCORE):
        raise ModelUnavailable(f"model {source.name} was made for {made_for}, not for {source.task}")
    if source.task == GENERATE:
        return TransformersTextBackend(source)
    if source.task == RERANK:
        return reading.CrossEncoderBackend(source)
    if source.task == ANSWER_SPAN:
        return reading.QuestionAnsweringBackend(source)
    if source.task == SCORE:
        return reading.LikelihoodBackend(source) if made_for == GENERATE else reading.MaskedLikelihoodBackend(source)
    if source.task == CLASSIFY:
        of_tokens = _architecture(source.path).endswith("ForTokenClassification")
        return reading.TokenClassifierBackend(source) if of_tokens else reading.SequenceClassifierBackend(source)
    raise ModelUnavailable(f"transformers does not serve {source.task}")


def task_of(folder: Path) -> str:
    """Return the task that a model folder was made for.

    Raises:
        InvalidRequest: its configuration names no kind of model that is served here.
    """
    if (folder / "modules.json").is_file():
        return EMBED
    architecture = _architecture(folder)
    if architecture.endswith(("ForCausalLM", "LMHeadModel")):
        return GENERATE
    if architecture.endswith(("ForMaskedLM", "ForPreTraining")):
        return SCORE
    if architecture.endswith(("ForQuestionAnswering", "ForQuestionAnsweringSimple")):
        return ANSWER_SPAN
    if architecture.endswith("ForTokenClassification"):
        return CLASSIFY
    if architecture.endswith("ForSequenceClassification"):
        labels = _configuration(folder).get("id2label")
        return RERANK if isinstance(labels, dict) and len(labels) == 1 else CLASSIFY
    raise InvalidRequest(f"the folder {folder.name} holds {architecture or 'no model'}, which is not served here")


def _architecture(folder: Path) -> str:
    names = _configuration(folder).get("architectures")
    return str(names[0]) if isinstance(names, list) and names else ""


def _configuration(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
