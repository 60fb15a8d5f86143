from __future__ import annotations

import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal, system_principal
from llmasos.inference import catalogue, queries, services
from llmasos.inference.errors import ModelUnavailable, UnknownModel
from tests.inference.conftest import Worker
from tests.inference.requests import start_generation


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "small.gguf"
    path.write_bytes(b"weights")
    return path


def models(*arguments: str) -> dict[str, list[dict[str, object]]]:
    output = StringIO()
    call_command("models", *arguments, "--json", stdout=output)
    answer: dict[str, list[dict[str, object]]] = json.loads(output.getvalue())
    return answer


@pytest.mark.django_db
def test_the_packaged_models_are_the_defaults(valkey: object) -> None:
    assert {model["task"] for model in models("list")["models"] if model["is_default"]} == {"embed", "generate"}


@pytest.mark.django_db
def test_an_added_file_is_entered_with_its_digest(gguf: Path, valkey: object) -> None:
    (added,) = models("add", "small", f"path:{gguf}", "--default")["models"]
    assert (added["task"], added["backend"]) == ("generate", "xllamacpp")
    assert added["digest"] == hashlib.sha256(b"weights").hexdigest()
    assert catalogue.resolve("", task="generate").name == "small"


@pytest.mark.django_db
def test_a_removed_model_is_unknown(gguf: Path, valkey: object) -> None:
    models("add", "small", f"path:{gguf}")
    models("remove", "small")
    with pytest.raises(UnknownModel):
        catalogue.resolve("small", task="generate")


@pytest.mark.django_db
def test_a_model_that_is_nowhere_is_not_added(tmp_path: Path, valkey: object) -> None:
    with pytest.raises(CommandError):
        models("add", "none", f"path:{tmp_path}/none.gguf")


@pytest.mark.django_db
def test_a_server_is_outside_unless_it_is_said_to_be_ones_own(valkey: object) -> None:
    (vendor,) = models("add", "vendor", "server:https://api.example.com/v1#big", "--key", "env:VENDOR_KEY")["models"]
    (own,) = models("add", "own", "server:https://gpu.clinic.example/v1#big", "--own-server")["models"]
    (here,) = models("add", "here", "server:http://127.0.0.1:11434/v1#small")["models"]
    assert [one["is_outside"] for one in (vendor, own, here)] == [True, False, False]
    assert (vendor["task"], vendor["backend"]) == ("generate", "openai")


@pytest.mark.django_db
def test_the_key_of_a_server_is_read_where_it_is_kept(valkey: object, monkeypatch: pytest.MonkeyPatch) -> None:
    models("add", "vendor", "server:https://api.example.com/v1#big", "--key", "env:VENDOR_KEY")
    entry = catalogue.resolve("vendor", task="generate")
    with pytest.raises(ModelUnavailable, match="env:VENDOR_KEY"):
        catalogue.source_of(entry)
    monkeypatch.setenv("VENDOR_KEY", "sk-1")
    assert catalogue.source_of(entry).key == "sk-1"


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["server:ftp://x/v1#m", "server:https://x/v1", "server:https://u:p@x/v1#m"])
def test_what_is_no_server_is_not_added(source: str, valkey: object) -> None:
    with pytest.raises(CommandError, match="server:https://HOST/v1#MODEL"):
        models("add", "none", source)


def test_a_running_worker_is_seen(echo_worker: Worker) -> None:
    (state,) = queries.engines()
    assert (state.engine, state.alive) == ("echo", True)
    assert {model["name"] for model in state.models} == {"echo"}


def test_queue_depths_count_all_organisations(
    committed_database: str, valkey: object, principal: Principal, other_organisation: Organisation
) -> None:
    for who in (principal, system_principal(other_organisation.pk)):
        start_generation(who, "waits")
    (depth,) = queries.queue_depths()
    assert (depth.engine, depth.state, depth.depth) == ("generate", "queued", 2)
    assert depth.oldest_seconds >= 0


def test_a_run_is_not_seen_by_another_organisation(
    committed_database: str, valkey: object, principal: Principal, other_organisation: Organisation
) -> None:
    run_id = start_generation(principal, "ours")
    assert queries.run(principal, run_id) is not None
    assert queries.run(system_principal(other_organisation.pk), run_id) is None
    assert not services.cancel(system_principal(other_organisation.pk), run_id)


@pytest.mark.django_db
def test_the_catalogue_says_in_words_where_a_model_stands(gguf: Path, valkey: object) -> None:
    models("add", "small", f"path:{gguf}", "--default", "--licence", "MIT")
    models("pin", "small")
    output = StringIO()
    call_command("models", "list", stdout=output)
    (line,) = (line for line in output.getvalue().splitlines() if line.startswith("small "))
    digest = hashlib.sha256(b"weights").hexdigest()[:12]
    assert line == f"small  generate xllamacpp  default, pinned  path:{gguf}  MIT  {digest}"
