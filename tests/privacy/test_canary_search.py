from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.canaries import in_database, in_files, in_valkey, is_in, make_canary

if TYPE_CHECKING:
    import redis


@pytest.mark.parametrize(
    "written",
    [
        lambda text: f"before {text} after".encode(),
        lambda text: text.lower().encode(),
        lambda text: text.encode("utf-16"),
        lambda text: b"\\x" + text.encode().hex().encode(),
        lambda text: base64.b64encode(f"a{text}b".encode()),
        lambda text: base64.urlsafe_b64encode(f"ab{text}".encode()),
        lambda text: gzip.compress(text.encode()),
        lambda text: json.dumps({"a": [text]}).encode(),
        lambda text: quote(text).encode(),
    ],
)
def test_a_canary_is_found_in_whatever_shape_it_was_written(written: object) -> None:
    canary = make_canary()

    assert is_in(canary, written(canary))  # type: ignore[operator]


def test_the_search_finds_canaries_in_tables_keys_and_files(
    committed_database: str, valkey: redis.Redis, tmp_path: Path, organisation: object
) -> None:
    from llmasos.accounts.models import Person
    from llmasos.runtime import locations
    from tests.databases import database_url
    from tests.services import VAR

    canary = make_canary()
    Person.objects.create_user(f"{canary}@shop.example", "correct horse battery")
    valkey.xadd("llmasos:some:stream", {"text": canary})
    (tmp_path / "log").write_text(f"a line about {canary}")
    superuser = locations.connection_urls(VAR).superuser
    assert superuser is not None

    assert in_database([canary], url=database_url(superuser, committed_database)) == [
        f"{canary}: public.accounts_person"
    ]
    assert in_valkey([canary], client=valkey) == [f"{canary}: llmasos:some:stream"]
    assert in_files([canary], folder=tmp_path) == [f"{canary}: {tmp_path / 'log'}"]
