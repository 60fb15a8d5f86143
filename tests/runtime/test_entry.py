"""What `manage.py` says where a command cannot do its work."""

from __future__ import annotations

import pytest
from django.core import management
from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from llmasos.runtime import entry, environment
from llmasos.runtime.up import cause_in


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(environment, "is_inside", lambda: True)
    return monkeypatch


def raising(cause: Exception) -> object:
    def execute(_arguments: list[str]) -> None:
        raise OperationalError("connection failed\nmore") from cause

    return execute


def test_a_command_without_a_database_says_so_in_one_sentence(
    failing: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.setattr(management, "execute_from_command_line", raising(OSError()))
    assert entry.main(["manage.py", "models", "list"]) == 1
    assert capsys.readouterr().err.startswith("llmasos: The database does not answer (connection failed). Start the")


def test_the_cause_is_what_the_command_said_whatever_came_after_it() -> None:
    assert (
        cause_in(["step", "llmasos: The disk is full.", "an exception could not be raised", "  x.py:1"])
        == "The disk is full."
    )
    assert cause_in(["Traceback", "ValueError: 3"]) == "ValueError: 3"


def test_what_the_database_itself_refuses_is_not_taken_for_that(failing: pytest.MonkeyPatch) -> None:
    failing.setattr(management, "execute_from_command_line", raising(LockNotAvailable()))
    with pytest.raises(OperationalError):
        entry.main(["manage.py", "migrate"])
