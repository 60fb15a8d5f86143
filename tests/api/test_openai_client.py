"""The official `openai` package against a running server."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import openai
import pytest

from tests.live import LiveServer

SAY: Any = [{"role": "user", "content": "one two three four"}]


def test_chat_answers(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="", messages=SAY)
    assert reply.choices[0].message.content == "one two three four"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.object == "chat.completion"
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (4, 4, 8)


def test_chat_streams(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="", messages=SAY, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three four"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_ends_a_stream_when_asked_for(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="",
            messages=SAY,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 8


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_length_is_bounded(client: openai.OpenAI, name: str) -> None:
    limit: Any = {name: 2}
    reply = client.chat.completions.create(model="", messages=SAY, **limit)
    assert reply.choices[0].message.content == "one two"
    assert reply.choices[0].finish_reason == "length"


@pytest.mark.parametrize("stop", [" three", ["nothing", " three"]])
def test_stop_text_ends_the_answer(client: openai.OpenAI, stop: str | list[str]) -> None:
    reply = client.chat.completions.create(model="", messages=SAY, stop=stop, seed=3)
    assert reply.choices[0].message.content == "one two"
    assert reply.choices[0].finish_reason == "stop"


def test_completion_answers_and_streams(client: openai.OpenAI) -> None:
    whole = client.completions.create(model="", prompt="one two")
    assert (whole.choices[0].text, whole.object) == ("one two", "text_completion")
    pieces = client.completions.create(model="", prompt="one two", stream=True)
    assert "".join(piece.choices[0].text for piece in pieces) == "one two"


def test_text_survives_in_every_script(client: openai.OpenAI) -> None:
    text = "你好 مرحبا 👩‍👩‍👧 e\u0301 \u2028x"
    pieces = client.chat.completions.create(model="", messages=[{"role": "user", "content": text}], stream=True)
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces).split() == text.split()


def test_embeddings_keep_order_and_length(client: openai.OpenAI) -> None:
    found = client.embeddings.create(model="", input=["red shoes", "blue boots", "red shoes"])
    assert [row.index for row in found.data] == [0, 1, 2]
    assert found.data[0].embedding == found.data[2].embedding != found.data[1].embedding
    assert math.hypot(*found.data[0].embedding) == pytest.approx(1.0, abs=1e-5)
    assert found.usage.prompt_tokens == 6


def test_float_and_base64_are_the_same_numbers(client: openai.OpenAI) -> None:
    as_float = client.embeddings.create(model="", input="red shoes", encoding_format="float")
    # Without a format the official client asks for base64 and decodes it.
    as_base64 = client.embeddings.create(model="", input="red shoes")
    assert as_float.data[0].embedding == pytest.approx(as_base64.data[0].embedding, abs=1e-7)


def test_shortened_embeddings_have_length_one(client: openai.OpenAI) -> None:
    found = client.embeddings.create(model="", input="a b c d e f g h i j k l m n o p", dimensions=128)
    assert len(found.data[0].embedding) == 128
    assert math.hypot(*found.data[0].embedding) == pytest.approx(1.0, abs=1e-5)


def test_more_dimensions_than_the_model_has_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="384") as caught:
        client.embeddings.create(model="", input="x", dimensions=1000)
    assert caught.value.param == "dimensions"


def test_models_are_listed_and_shown(client: openai.OpenAI) -> None:
    listed = {model.id: model for model in client.models.list()}
    assert len(listed) >= 2
    name = next(iter(listed))
    assert client.models.retrieve(name).id == name


def test_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-99", messages=SAY)
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-99")


def test_unknown_key_is_unauthorised(live: LiveServer) -> None:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key="llmasos_00000000_x", max_retries=0) as official:
        with pytest.raises(openai.AuthenticationError) as caught:
            official.models.list()
        assert caught.value.code == "invalid_api_key"


def test_key_without_scope_is_forbidden(live: LiveServer) -> None:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=live.narrow_key, max_retries=0) as official:
        with pytest.raises(openai.PermissionDeniedError) as caught:
            official.embeddings.create(model="", input="x")
        assert caught.value.code == "insufficient_scope"


def test_more_than_one_answer_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="n must be 1") as caught:
        client.chat.completions.create(model="", messages=SAY, n=2)
    assert caught.value.param == "n"


def test_asynchronous_client_answers_and_streams(live: LiveServer) -> None:
    async def run() -> tuple[str | None, str, int]:
        async with openai.AsyncOpenAI(base_url=f"{live.url}/v1", api_key=live.key, max_retries=0) as official:
            whole = await official.chat.completions.create(model="", messages=SAY)
            stream: Any = await official.chat.completions.create(model="", messages=SAY, stream=True)
            text = ""
            async for chunk in stream:
                text += chunk.choices[0].delta.content or ""
            vectors = await official.embeddings.create(model="", input=["a", "b"])
            return whole.choices[0].message.content, text, len(vectors.data)

    assert asyncio.run(run()) == ("one two three four", "one two three four", 2)
