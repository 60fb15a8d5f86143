from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Ref
from support_bot.models import Message, Site, Visitor
from support_bot.services import store_message
from support_bot.visitors import add_visitor


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, settings: object) -> Path:
    """The journal of erasures in a folder of the test's own."""
    path = tmp_path / "erasures.jsonl"
    settings.ERASURE_JOURNAL = path  # type: ignore[attr-defined]
    return path


@pytest.fixture
def officer(organisation: Organisation, owner: Person) -> Principal:
    return Principal(organisation_id=organisation.pk, kind="person", id=owner.pk, roles=frozenset({"administrator"}))


@pytest.fixture
def site(organisation: Organisation) -> Site:
    with acting_in(organisation):
        return Site.objects.create(organisation=organisation, name="Help")


@pytest.fixture
def visitor(site: Site) -> Visitor:
    with acting_in(site.organisation_id):
        return add_visitor(site)[0]


@pytest.fixture
def as_subject(visitor: Visitor) -> Ref:
    return Ref("visitor", visitor.pk)


Say = Callable[[Visitor, str], Message]


@pytest.fixture
def say() -> Say:
    """Store a question of a visitor, as the widget does, without starting its answer."""

    def store(visitor: Visitor, text: str) -> Message:
        with acting_in(visitor.organisation_id):
            return store_message(visitor, client_id=uuid4(), text=text, language="en").question

    return store
