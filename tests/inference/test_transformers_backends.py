"""Families of models for which no package ships weights, through the loading code that real folders take."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmasos.inference.backends import registry
from llmasos.inference.backends.base import Backend, ModelSource
from llmasos.inference.backends.families import task_of
from llmasos.inference.errors import InvalidRequest, ModelUnavailable
from llmasos.inference.types import GenerationRequest, Message
from tests.inference.checkpoints import BERT, CAUSAL, save

pytestmark = pytest.mark.models
REQUEST = GenerationRequest(messages=(Message("user", "tell me about cats"),), max_tokens=6)

Load = Callable[..., Backend]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    root, made = tmp_path_factory.mktemp("models"), dict[str, Path]()

    def folder(model_class: str, **sizes: object) -> Path:
        name = f"{model_class}-{len(sizes)}-{sizes.get('num_labels', '')}"
        if name not in made:
            made[name] = save(root / name, model_class, **sizes)
        return made[name]

    return folder


@pytest.fixture
def load() -> Iterator[Load]:
    opened: list[Backend] = []

    def load(folder: Path, task: str, **options: object) -> Backend:
        source = ModelSource(folder.name, folder, task=task, slots=4, threads=1, context_tokens=64, **options)  # type: ignore[arg-type]
        opened.append(registry.load("transformers", source))
        return opened[-1]

    yield load
    for backend in opened:
        backend.close()


def said(backend: Backend, request: GenerationRequest = REQUEST) -> str:
    pieces: list[str] = []
    backend.generate(request, lambda piece: bool(pieces.append(piece)), owner="a")
    return "".join(pieces)


def expected(folder: Path, prompt: str, tokens: int) -> str:
    """Return what transformers' own loop writes."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        made = model.generate(ids, max_new_tokens=tokens, do_sample=False)[0, ids.shape[1] :]
    return str(tokenizer.decode(made, skip_special_tokens=True))


@pytest.mark.parametrize("family", sorted(CAUSAL))
def test_every_causal_family_writes_what_its_own_library_writes(
    family: str, folders: Callable[..., Path], load: Load
) -> None:
    model_class, sizes = CAUSAL[family]
    folder = folders(model_class, **sizes)
    assert task_of(folder) == "generate"
    request = GenerationRequest(prompt="tell me about cats and dogs", max_tokens=6)
    assert said(load(folder, "generate"), request) == expected(folder, "tell me about cats and dogs", 6)


def test_a_model_with_pages_answers_several_at_once(folders: Callable[..., Path], load: Load) -> None:
    model_class, sizes = CAUSAL["llama"]
    assert load(folders(model_class, **sizes), "generate").info.slots == 4


def test_a_recurrent_model_answers_one_after_the_other(folders: Callable[..., Path], load: Load) -> None:
    model_class, sizes = CAUSAL["rwkv"]
    assert load(folders(model_class, **sizes), "generate").info.slots == 1


def test_a_recurrent_model_samples_the_same_with_the_same_seed(folders: Callable[..., Path], load: Load) -> None:
    model_class, sizes = CAUSAL["mamba"]
    backend = load(folders(model_class, **sizes), "generate")
    request = GenerationRequest(prompt="tell me", max_tokens=8, temperature=1.5, seed=3)
    assert said(backend, request) == said(backend, request)


def test_text_ends_before_a_stop_sequence(folders: Callable[..., Path], load: Load) -> None:
    model_class, sizes = CAUSAL["gpt2"]
    backend = load(folders(model_class, **sizes), "generate")
    pieces: list[str] = []
    request = GenerationRequest(messages=REQUEST.messages, max_tokens=6, stop=(said(backend).split()[0],))
    completion = backend.generate(request, lambda piece: bool(pieces.append(piece)), owner="a")
    assert (completion.finish_reason, pieces) == ("stop", [])


def test_a_cross_encoder_ranks_texts(folders: Callable[..., Path], load: Load) -> None:
    folder = folders("BertForSequenceClassification", **BERT, num_labels=1)
    assert task_of(folder) == "rerank"
    backend = load(folder, "rerank")
    scores = backend.rerank("where is the lid", ["the lid is red", "cats and dogs", "the lid is red"])
    assert len(scores) == 3
    assert all(0 <= one <= 1 for one in scores)
    assert math.isclose(scores[0], scores[2], abs_tol=1e-6)
    assert not math.isclose(scores[0], scores[1], abs_tol=1e-6)


def test_a_sequence_classifier_gives_every_label_its_probability(folders: Callable[..., Path], load: Load) -> None:
    backend = load(
        folders("XLNetForSequenceClassification", d_model=16, n_layer=2, n_head=2, d_inner=32, num_labels=3), "classify"
    )
    (first, second) = backend.classify(["the kettle is warm", "cats"])
    assert {label.name for label in first.labels} == {"LABEL_0", "LABEL_1", "LABEL_2"}
    assert math.isclose(sum(label.score for label in second.labels), 1, abs_tol=1e-5)
    assert first.labels[0].score >= first.labels[1].score


def test_a_token_classifier_finds_spans_of_the_text(folders: Callable[..., Path], load: Load) -> None:
    text = "the kettle is warm"
    (found,) = load(folders("BertForTokenClassification", **BERT, num_labels=2), "classify").classify([text])
    assert found.spans
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] for span in found.spans)


def test_an_answer_is_words_of_its_text(folders: Callable[..., Path], load: Load) -> None:
    backend = load(folders("BertForQuestionAnswering", **BERT), "answer_span")
    texts = ["the lid is on the red kettle", "cats " * 200]
    spans = backend.answer_span("where is the lid", texts)
    assert [span.index for span in spans] == [0, 1]
    assert all(span.text == texts[span.index][span.start : span.end] for span in spans)


@pytest.mark.parametrize("model_class", ["BertForMaskedLM", "GPT2LMHeadModel"])
def test_a_text_has_a_likelihood_over_its_tokens(model_class: str, folders: Callable[..., Path], load: Load) -> None:
    sizes = CAUSAL["gpt2"][1] if model_class == "GPT2LMHeadModel" else BERT
    (found,) = load(folders(model_class, **sizes), "score").score(["tell me about cats"])
    assert found.log_probability < 0
    assert 4 <= found.tokens <= 5


def test_a_model_of_another_kind_is_named_as_that(folders: Callable[..., Path], load: Load) -> None:
    folder = folders("BertForTokenClassification", **BERT, num_labels=2)
    with pytest.raises(ModelUnavailable, match="made for classify, not for generate"):
        load(folder, "generate")


def test_damaged_weights_are_named_as_damaged(tmp_path: Path, load: Load) -> None:
    folder = save(tmp_path / "m", "GPT2LMHeadModel", **CAUSAL["gpt2"][1])
    (folder / "model.safetensors").write_bytes(b"\x08" + bytes(40))
    with pytest.raises(ModelUnavailable, match="damaged or incomplete"):
        load(folder, "generate")


def test_pickled_weights_are_not_loaded(tmp_path: Path, load: Load) -> None:
    import torch

    folder = save(tmp_path / "m", "GPT2LMHeadModel", **CAUSAL["gpt2"][1])
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match="pickled"):
        load(folder, "generate")


def test_a_folder_that_brings_code_needs_an_operators_word(tmp_path: Path, load: Load) -> None:
    folder = save(tmp_path / "m", "GPT2LMHeadModel", **CAUSAL["gpt2"][1])
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own-kind", "auto_map": {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text("raise SystemExit('this code ran')")
    with pytest.raises(ModelUnavailable, match="no operator has allowed"):
        load(folder, "generate")


def test_a_folder_of_nothing_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["ResNetForImageClassification"]}))
    with pytest.raises(InvalidRequest, match="ResNetForImageClassification"):
        task_of(tmp_path)
