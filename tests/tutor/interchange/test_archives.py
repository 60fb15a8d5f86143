"""Archives of strangers: paths that lead out, links, bombs, broken and locked ones."""

from __future__ import annotations

import io
import zipfile

import pytest

from tutor.interchange.archives import MAX_MEMBERS, read_archive
from tutor.interchange.problems import UnreadableFileError


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_only_files_of_the_wanted_kind_are_read() -> None:
    content = packed(("a/users.CSV", b"x"), ("a/run.exe", b"y"), ("__MACOSX/users.csv", b"z"))
    assert read_archive(content, suffixes=(".csv",)) == {"a/users.CSV": b"x"}


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a/../../users.csv", "..\\users.csv", "C:/u.csv"])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFileError):
        read_archive(packed((name, b"x")), suffixes=(".csv",))


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("users.csv")
    link.external_attr = 0o120777 << 16
    with pytest.raises(UnreadableFileError):
        read_archive(packed((link, b"/etc/passwd")), suffixes=(".csv",))


def test_a_bomb_is_refused() -> None:
    with pytest.raises(UnreadableFileError):
        read_archive(packed(("users.csv", bytes(10_000_000))), suffixes=(".csv",))


def test_too_many_files_are_refused() -> None:
    content = packed(*((f"{number}.csv", b"") for number in range(MAX_MEMBERS + 1)))
    with pytest.raises(UnreadableFileError):
        read_archive(content, suffixes=(".csv",))


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", packed(("users.csv", b"x" * 500))[:-30], b""])
def test_a_broken_archive_is_said_to_be_broken(content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_archive(content, suffixes=(".csv",))
