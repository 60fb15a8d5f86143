from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from llmasos.accounts.models import Organisation
from llmasos.runtime.backup import archive, places
from llmasos.runtime.backup.archive import ArchiveWriter, Manifest
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.vault import passphrases
from llmasos.vault.errors import DecryptionError
from llmasos.vault.sealed_streams import PIECE_BYTES, OpeningReader, SealingWriter
from tests import databases
from tests.audit.logs import fill
from tests.canaries import is_in
from tests.runtime.backup.conftest import OpenMachine, back_up, carry_keys, restore

PASSPHRASE = "correct horse battery"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases without their cost, where many are needed."""
    monkeypatch.setattr(passphrases, "_COST", 2)


def sealed(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    target = io.BytesIO()
    with SealingWriter(target, passphrase=passphrase) as writer:
        writer.write(content)
    return target.getvalue()


def opened(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return io.BufferedReader(OpeningReader(io.BytesIO(content), passphrase=passphrase)).read()


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_a_closed_stream_opens_with_its_passphrase_alone(size: int) -> None:
    content = b"\x7f" * size
    assert opened(sealed(content)) == content
    with pytest.raises(DecryptionError):
        opened(sealed(content), "another passphrase")


@pytest.mark.usefixtures("cheap")
def test_a_stream_that_was_cut_reordered_or_changed_does_not_open() -> None:
    whole = sealed(b"a" * PIECE_BYTES + b"b" * PIECE_BYTES + b"c")
    piece = PIECE_BYTES + 16
    start = len(whole) - 2 * piece - 17
    header, first, rest = whole[:start], whole[start : start + piece], whole[start + 2 * piece :]
    second = whole[start + piece : start + 2 * piece]
    flipped = bytearray(whole)
    flipped[start + 5] ^= 1
    for altered in (header + first, header + first + second, header + second + first + rest, header + first + rest):
        with pytest.raises(DecryptionError):
            opened(altered)
    with pytest.raises(DecryptionError):
        opened(bytes(flipped))


def write(path: Path, contents: dict[str, bytes], passphrase: str = "") -> str:
    with archive.writing(path, passphrase=passphrase) as stream:
        writer = ArchiveWriter(stream, Manifest(made_at="2026-01-01T00:00:00+00:00"))
        for name, content in contents.items():
            writer.add(name, content)
        return writer.close()


def test_what_was_written_is_read_and_checked(tmp_path: Path) -> None:
    digest = write(tmp_path / "b", {"database/a/1": b"x", "files/uploads/y": b""})
    manifest, found = archive.verified_manifest(tmp_path / "b", passphrase="")
    assert found == digest
    assert manifest.members["database/a/1"] == hashlib.sha256(b"x").hexdigest()
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600


@given(place=st.integers(0, 2_000), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    path = tmp_path_factory.mktemp("archive") / "b"
    write(path, {"database/a/1": b"x" * 700})
    content = bytearray(path.read_bytes())
    # Of a tar header only name, size, kind and checksum matter; the rest of the block may be anything.
    content[place % 1_212] ^= 1 << bit
    path.write_bytes(content)
    try:
        manifest, _ = archive.verified_manifest(path, passphrase="")
    except ConfigurationProblem:
        return
    assert manifest.members == {"database/a/1": hashlib.sha256(b"x" * 700).hexdigest()}


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path, passphrase: str) -> None:
    write(tmp_path / "b", {"database/a/1": b"x" * 70_000}, passphrase)
    whole = (tmp_path / "b").read_bytes()
    for length in (0, 10, 600, len(whole) // 2, 70_600):
        (tmp_path / "b").write_bytes(whole[:length])
        with pytest.raises(ConfigurationProblem):
            archive.verified_manifest(tmp_path / "b", passphrase=passphrase)


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "b", "w") as tar:
        link = tarfile.TarInfo("files/uploads/x")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(ConfigurationProblem, match="no backup holds"):
        archive.verified_manifest(tmp_path / "b", passphrase="")


@pytest.mark.parametrize(
    "member", ["files/uploads/../../x", "files/elsewhere/x", "files/uploads", "/files/uploads/x", "files/uploads/a\0b"]
)
def test_a_file_that_belongs_elsewhere_is_refused(member: str, settings: Settings) -> None:
    with pytest.raises(ConfigurationProblem, match="belongs nowhere"):
        places.place_of(member)


def test_a_backup_is_never_written_over_another(tmp_path: Path) -> None:
    write(tmp_path / "b", {})
    with pytest.raises(ConfigurationProblem, match="never written over"):
        write(tmp_path / "b", {})


def test_a_failed_backup_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), archive.writing(tmp_path / "b", passphrase=""):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_backup_made_while_others_write_is_of_one_moment(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    from django.db import connection

    from llmasos.audit import checkpoints

    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            fill(organisation.pk, 3)
            checkpoints.make()
        connection.close()

    with machine("old") as old:
        fill(organisation.pk, 1)
        thread = threading.Thread(target=work)
        thread.start()
        try:
            back_up(tmp_path / "b", committed_database, passphrase=PASSPHRASE)
        finally:
            stop.set()
            thread.join()
    assert not is_in("audit_entry", (tmp_path / "b").read_bytes())
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        done = restore(tmp_path / "b", database, passphrase=PASSPHRASE, without_journal=True)
        assert done.faults == []
        assert done.entries > 0
