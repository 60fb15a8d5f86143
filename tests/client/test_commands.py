from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmasos.client import commands
from llmasos.client.blocking import Client
from llmasos.client.credentials import read_credentials, user_credentials_path
from tests.client.servers import DONE, USAGE, Script, chunk, failure, stream
from tests.client.test_support import ANSWER


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Script:
    """Answers for the client that the command makes; fill `answers` before running it."""
    scripted = Script()
    monkeypatch.setenv("LLMASOS_BASE_URL", "http://server")
    monkeypatch.setenv("LLMASOS_API_KEY", "sk-test")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def connect(**options: Any) -> Client:
        return Client(**options, transport=scripted, max_retries=0)

    monkeypatch.setattr(commands, "Client", connect)
    return scripted


def test_generate_prints_the_answer(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [stream(chunk("Red "), chunk("and blue"), chunk(None, "stop"), USAGE, DONE)]
    assert commands.main(["generate", "Two colours?", "--max-tokens", "9"]) == 0
    assert capsys.readouterr().out == "Red and blue\n"
    assert script.body()["max_tokens"] == 9


def test_json_is_one_object_and_nothing_else(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [stream(chunk("Red"), chunk(None, "stop"), USAGE, DONE)]
    assert commands.main(["chat", "A colour?", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["text"], printed["finish_reason"]) == ("Red", "stop")
    assert printed["usage"]["completion_tokens"] == 2


def test_conversation_remembers_its_turns(
    script: Script, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script.answers = [stream(chunk("Red"), DONE), stream(chunk("Blue"), DONE)]
    lines = iter(["A colour?", "Another?", ""])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(lines))
    assert commands.main(["chat"]) == 0
    assert capsys.readouterr().out == "Red\nBlue\n"
    assert [turn["content"] for turn in script.body(1)["messages"]] == ["A colour?", "Red", "Another?"]


def test_ask_prints_the_answer_and_where_it_stands(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [httpx.Response(200, json=ANSWER)]
    assert commands.main(["ask", "How long?", "--collection", "handbook"]) == 0
    assert capsys.readouterr().out == "60 days. [1]\n[1] Returns\n"


def test_refusal_is_one_line_and_exit_one(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [failure(403)]
    assert commands.main(["models"]) == 1
    assert capsys.readouterr().err == "llmasos: No. [403, nope]\n"


def test_texts_to_embed_may_come_from_standard_input(
    script: Script, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"index": 0, "embedding": [1.0, 0.0]}, {"index": 1, "embedding": [0.0, 1.0]}]
    script.answers = [httpx.Response(200, json={"data": rows, "model": "mini", "usage": {}})]
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo\n"))
    assert commands.main(["embed"]) == 0
    assert script.body()["input"] == ["one", "two"]
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [[1.0, 0.0], [0.0, 1.0]]


def test_search_without_hits_says_so(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script.answers = [httpx.Response(200, json={"hits": []})]
    assert commands.main(["search", "nothing", "--collection", "a", "--collection", "b"]) == 0
    assert capsys.readouterr().err == "Nothing found.\n"
    assert script.body()["collections"] == ["a", "b"]


def test_login_stores_a_key_that_works(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script.answers = [httpx.Response(200, json={"data": []})]
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-new\n"))
    assert commands.main(["login", "--base-url", "http://server/v1", "--key-stdin"]) == 0
    stored = read_credentials(user_credentials_path())
    assert stored is not None
    assert (stored.base_url, stored.api_key) == ("http://server", "sk-new")


def test_login_stores_nothing_when_the_key_is_refused(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script.answers = [failure(401)]
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-wrong\n"))
    assert commands.main(["login", "--base-url", "http://server", "--key-stdin"]) == 1
    assert read_credentials(user_credentials_path()) is None


def test_wrong_usage_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        commands.main(["sing"])
    assert caught.value.code == 2
