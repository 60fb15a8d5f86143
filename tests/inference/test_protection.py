"""The gate before models that are not local, with a backend that declares itself outside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.inference import catalogue, deidentification, kinds, protection, resuming, services, streams
from llmasos.inference.backends import registry
from llmasos.inference.backends.base import ModelSource
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import InferenceError, ModelUnavailable, NotOffered
from llmasos.inference.models import CatalogueEntry, ModelTask
from llmasos.inference.payloads import payload_of
from llmasos.inference.submission import Submission, submit
from llmasos.inference.types import GenerationRequest, Message
from llmasos.privacy.deidentification import pipeline
from llmasos.privacy.deidentification.services import set_policy
from tests.inference.outside import OutsideBackend

TEXT = "My name is Ngozi Adeyemi, card 4111 1111 1111 1111, mail ngozi@example.com, seen 2026-01-10."
SECRETS = ("Ngozi", "Adeyemi", "1111 1111", "ngozi@", "2026-01-10")
REQUEST = GenerationRequest(messages=(Message("system", "Answer."), Message("user", TEXT)), model="faraway")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, engine_here: Callable[..., EngineHost]) -> EngineHost:
    """The echo engine, whose model for text is an outside one."""
    monkeypatch.setitem(registry.BACKENDS, "outside", "tests.inference.outside.OutsideBackend")
    faraway = CatalogueEntry.objects.create(
        name="faraway", task=ModelTask.GENERATE, backend="outside", source="none:", is_outside=True
    )
    monkeypatch.setattr(catalogue, "_known", {})
    ordinary = catalogue.echo_entry
    monkeypatch.setattr(catalogue, "echo_entry", lambda task: faraway if task == ModelTask.GENERATE else ordinary(task))
    monkeypatch.setattr(deidentification, "pipeline", _Patterns)
    OutsideBackend.received.clear()
    return engine_here()


class _Patterns:
    """Without the language model, which takes seconds to load: what is tested is the gate."""

    LONGEST_TEXT = pipeline.LONGEST_TEXT

    @staticmethod
    def locate(text: str, **options: object) -> object:
        return pipeline.locate(text, entities=False, **options)  # type: ignore[arg-type]


def actions(principal: Principal) -> list[str]:
    with acting_in(principal.organisation_id):
        return list(Entry.objects.values_list("action", flat=True))


def test_an_outside_model_gets_no_personal_data(outside: EngineHost, principal: Principal) -> None:
    services.chat(principal, REQUEST)
    assert not any(secret in text for text in OutsideBackend.received for secret in SECRETS)


def test_the_answer_has_the_originals_again(outside: EngineHost, principal: Principal) -> None:
    assert services.chat(principal, REQUEST).text == TEXT


async def test_coroutines_pass_the_gate_as_well(outside: EngineHost, principal: Principal) -> None:
    result = await services.achat(principal, REQUEST)
    assert result.text == TEXT
    assert not any(secret in text for text in OutsideBackend.received for secret in SECRETS)


def test_the_log_says_that_a_prompt_was_deidentified(outside: EngineHost, principal: Principal) -> None:
    services.chat(principal, REQUEST)
    assert "deidentification.protect" in actions(principal)


def test_a_policy_lets_prompts_pass_and_the_log_says_so(outside: EngineHost, principal: Principal) -> None:
    set_policy(principal, treatments={}, threshold=0.5, protects_outside=False)
    services.chat(principal, REQUEST)
    assert TEXT in OutsideBackend.received
    assert "deidentification.unprotected" in actions(principal)


def test_a_run_that_went_past_the_gate_is_refused_by_the_worker(outside: EngineHost, principal: Principal) -> None:
    run_id = submit(principal, Submission(kind=kinds.CHAT, engine="generate", payload=payload_of(REQUEST)))
    events = list(streams.read(run_id))
    assert events[-1].event == "failed"
    assert OutsideBackend.received == []


def test_nothing_is_sent_when_it_cannot_be_searched(
    outside: EngineHost, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deidentification, "MAX_CHARACTERS", 10)
    with pytest.raises(InferenceError):
        services.chat(principal, REQUEST)
    assert OutsideBackend.received == []


def test_a_local_model_gets_the_text_as_it_is(engine_here: Callable[..., EngineHost], principal: Principal) -> None:
    engine_here()
    assert services.chat(principal, GenerationRequest(messages=(Message("user", TEXT),))).text == TEXT
    assert "deidentification.protect" not in actions(principal)


def test_a_model_whose_backend_is_outside_must_be_catalogued_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BACKENDS, "undeclared", "tests.inference.outside.UndeclaredBackend")
    with pytest.raises(ModelUnavailable):
        registry.load("undeclared", ModelSource("x", catalogue.path_of("none:")))


def test_texts_travel_to_the_worker_and_findings_come_back(echo_worker: object, principal: Principal) -> None:
    from llmasos.privacy.deidentification.services import deidentify

    result = deidentify(principal, "Yesterday Barbara Johnson of Chicago wrote from barbara@example.com.")
    assert {"person", "email"} <= {one.type.value for one in result.findings}
    assert "Barbara" not in result.text


def test_a_tools_call_is_deidentified_and_led_back(
    outside: EngineHost, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.OFFERS, "outside", frozenset({"tools", "logprobs"}))
    tool = {"type": "function", "function": {"name": "write", "description": TEXT, "parameters": {"type": "object"}}}
    request = replace(REQUEST, tools=(tool,))
    result = services.chat(principal, request)
    assert json.loads(result.tool_calls[0]["function"]["arguments"]) == {"text": TEXT}
    assert result.tool_calls[0]["function"]["name"] == "write"
    assert not any(secret in text for text in OutsideBackend.received for secret in SECRETS)


def test_where_an_answer_stops_and_what_a_schema_shows_are_deidentified(
    outside: EngineHost, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.OFFERS, "outside", frozenset({"tools"}))
    schema = {"type": "object", "examples": [{"name": TEXT}]}
    tool = {"type": "function", "function": {"name": "write", "parameters": schema}}
    protected = protection.protect(principal, replace(REQUEST, tools=(tool,), stop=(TEXT,)))
    sent = str((protected.request.stop, protected.request.tools))
    assert not any(secret in sent for secret in SECRETS)
    assert "object" in sent


def test_tokens_of_a_deidentified_answer_are_not_shown(
    outside: EngineHost, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.OFFERS, "outside", frozenset({"logprobs"}))
    with pytest.raises(NotOffered):
        services.chat(principal, replace(REQUEST, top_logprobs=1))


def test_an_answer_that_is_asked_for_again_is_led_back_without_another_search(
    outside: EngineHost, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = resuming.attach(principal, REQUEST, "a key", digest="of the body")
    said = [asyncio.run(resuming.agather(principal, first)).text]
    monkeypatch.setattr(protection, "deidentify_all", None)
    again = resuming.attach(principal, REQUEST, "a key", digest="of the body")
    said.append(asyncio.run(resuming.agather(principal, again)).text)
    assert said == [TEXT, TEXT]
