from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from llmasos.runtime import guard
from llmasos.runtime.locations import ConfigurationProblem


def test_a_second_up_on_the_same_data_says_so(tmp_path: Path) -> None:
    with guard.DataLock(tmp_path) as lock:
        lock.announce("http://127.0.0.1:8123")
        with (
            pytest.raises(
                ConfigurationProblem, match=rf"already runs on .*process {os.getpid()}, http://127.0.0.1:8123"
            ),
            guard.DataLock(tmp_path),
        ):
            pass


def test_others_see_who_runs_and_when_nobody_does(tmp_path: Path) -> None:
    assert guard.running(tmp_path) is None
    with guard.DataLock(tmp_path) as lock:
        lock.announce("http://127.0.0.1:8123")
        assert guard.running(tmp_path) == guard.Running(process_id=os.getpid(), url="http://127.0.0.1:8123")
    assert guard.running(tmp_path) is None


def test_the_data_can_be_taken_again_after_an_end(tmp_path: Path) -> None:
    with guard.DataLock(tmp_path):
        pass
    with guard.DataLock(tmp_path) as lock:
        lock.announce("http://127.0.0.1:1")


def test_a_busy_port_is_said_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationProblem, match=rf"Port {port} is in use: .*up --port {port + 1}"):
            guard.require_free_port("127.0.0.1", port)


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    guard.require_free_port("127.0.0.1", port)


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.write_text("")
    with pytest.raises(ConfigurationProblem, match="is a file: remove it"), guard.DataLock(var):
        pass


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full: make room"),
        (errno.EROFS, "is not writable"),
        (errno.EACCES, "is not writable"),
        (errno.EIO, "cannot be used"),
    ],
)
def test_each_trouble_with_the_folder_has_its_sentence(tmp_path: Path, number: int, words: str) -> None:
    sentence = guard.explain_os_error(OSError(number, os.strerror(number)), tmp_path)
    assert words in sentence
    assert "LLMASOS_VAR" in sentence


def test_a_full_disk_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 10 * 1024**2})
    monkeypatch.setattr(guard.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ConfigurationProblem, match="has 10 MiB left: make room"):
        guard.require_room(tmp_path)
