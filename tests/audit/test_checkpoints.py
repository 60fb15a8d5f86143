"""Making checkpoints, their key, and taking them to stores outside the database."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django import Settings

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints
from llmasos.audit.merkle import verify_consistency
from llmasos.audit.models import Checkpoint, Delivery, SigningKey
from llmasos.audit.notes import (
    NOTHING,
    KeyIntroduction,
    Note,
    Signer,
    installation_of,
    parse_notes,
    parse_statement,
    parse_verifier,
    public_key,
    signed,
    trusted_keys,
)
from llmasos.audit.signing import SigningKeyError, SigningRoom
from llmasos.audit.stores import Folder, Objects, readable_store
from llmasos.audit.verification import verify
from tests.audit.logs import fill

pytestmark = pytest.mark.usefixtures("committed_database", "outside")


def _sizes(organisation: Organisation) -> list[int]:
    with acting_in(organisation):
        return list(Checkpoint.objects.order_by("number").values_list("size", flat=True))


def test_a_checkpoint_is_due_after_so_many_entries(organisation: Organisation, settings: Settings) -> None:
    settings.CHECKPOINT_ENTRIES, settings.CHECKPOINT_SECONDS = 4, 3_600
    for count, sizes in ((3, []), (1, [4]), (3, [4]), (2, [4, 9])):
        fill(organisation.pk, count)
        checkpoints.make_due()
        assert _sizes(organisation) == sizes


def test_a_checkpoint_is_due_when_an_entry_waited_long(organisation: Organisation, settings: Settings) -> None:
    settings.CHECKPOINT_ENTRIES, settings.CHECKPOINT_SECONDS = 100, 0
    fill(organisation.pk, 2)
    checkpoints.make_due()
    assert _sizes(organisation) == [2]


def test_nothing_new_makes_no_checkpoint(organisation: Organisation) -> None:
    fill(organisation.pk, 2)
    assert [len(checkpoints.make(organisation.pk)) for _ in range(2)] == [1, 0]


def test_key_and_state_are_their_owner_s_alone(organisation: Organisation, tmp_path: Path) -> None:
    fill(organisation.pk, 1)
    checkpoints.make()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "key").iterdir()} == {0o600}
    private = (tmp_path / "key" / "key").read_text().strip()
    assert not [path for path in (tmp_path / "outside").iterdir() if private in path.read_text(errors="replace")]
    assert private not in SigningKey.objects.get().endorsement


def test_a_lost_key_is_not_replaced_in_silence(organisation: Organisation, tmp_path: Path) -> None:
    fill(organisation.pk, 1)
    checkpoints.make()
    (tmp_path / "key" / "key").unlink()
    with pytest.raises(SigningKeyError, match="is gone"):
        checkpoints.make()


def test_what_was_signed_before_a_crash_is_stored_after_it(
    organisation: Organisation, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(organisation.pk, 2)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "add_leaves", crash)
        with pytest.raises(KeyboardInterrupt):
            checkpoints.make(organisation.pk)
    fill(organisation.pk, 2)
    checkpoints.make(organisation.pk)
    assert _sizes(organisation) == [2, 4]
    assert verify(organisation.pk).ok


def test_a_rotation_cut_short_is_finished(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(organisation.pk, 2)
    checkpoints.make(organisation.pk)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SigningRoom, "_publish", lambda room: crash() if len(room.introductions()) == 2 else None)
        with pytest.raises(KeyboardInterrupt):
            checkpoints.rotate_key()
    fill(organisation.pk, 2)
    checkpoints.make(organisation.pk)
    found = verify(organisation.pk)
    assert (found.ok, len(found.keys)) == (True, 2)


def test_a_key_that_the_one_before_did_not_endorse_is_not_trusted() -> None:
    first, stranger = (Signer("", secrets.token_bytes(32)) for _ in range(2))
    installation = installation_of(public_key(first.seed))
    first, stranger = (Signer(f"llmasos/{installation}", one.seed) for one in (first, stranger))
    begin = signed(KeyIntroduction(installation, 1, first.verifier, "t", NOTHING).text, first)
    (note,) = parse_notes(begin)
    rogue = signed(KeyIntroduction(installation, 2, stranger.verifier, "t", note.hash).text, stranger)
    genuine = signed(KeyIntroduction(installation, 2, stranger.verifier, "t", note.hash).text, stranger, first)
    assert len(trusted_keys(parse_notes(begin + rogue))) == 1
    assert len(trusted_keys(parse_notes(begin + rogue + genuine))) == 2
    assert trusted_keys(parse_notes(begin), pinned=["0" * 64]) == {}
    assert parse_verifier(str(first.verifier)) == first.verifier


def test_an_object_store_holds_notes_keys_and_leaves(
    organisation: Organisation, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "bucket").mkdir()
    store = Objects(f"file://{tmp_path}/bucket")
    settings.CHECKPOINT_STORES = [store.name]
    for _ in range(2):
        fill(organisation.pk, 3)
        checkpoints.make(organisation.pk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "store_at", lambda _: store)
        assert checkpoints.deliver() == 2
    journal, kept = checkpoints.journal().fetch(), store.fetch()
    assert (kept.keys, kept.notes) == (journal.keys, journal.notes)
    assert kept.leaves(organisation.pk) == journal.leaves(organisation.pk)


def test_a_mailbox_gets_each_checkpoint_and_a_saved_message_is_verified_against(
    organisation: Organisation, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CHECKPOINT_STORES = ["mailto:auditor@example.org"]
    fill(organisation.pk, 3)
    checkpoints.make(organisation.pk)
    checkpoints.deliver()
    (message,) = mail.outbox
    (tmp_path / "saved.eml").write_text(str(message.body))
    found = verify(organisation.pk, given=[readable_store(str(tmp_path / "saved.eml"))])
    assert (found.ok, found.window.entries, message.to) == (True, 0, ["auditor@example.org"])


def test_a_delivery_that_fails_is_shown_and_tried_again(
    organisation: Organisation, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    settings.CHECKPOINT_STORES = [f"file://{tmp_path}/taken"]
    fill(organisation.pk, 2)
    checkpoints.make(organisation.pk)
    assert checkpoints.deliver() == 0
    assert "cannot be read" in checkpoints.waiting_deliveries()[f"file://{tmp_path}/taken"]
    (tmp_path / "taken").unlink()
    with acting_in(organisation):
        Delivery.objects.update(try_after="2026-01-01T00:00:00Z")
    assert (checkpoints.deliver(), checkpoints.waiting_deliveries()) == (1, {})
    assert len(Folder(tmp_path / "taken").fetch().notes) == 1


def test_a_witness_checks_that_the_log_grew_and_its_countersignature_is_kept(
    organisation: Organisation, settings: Settings
) -> None:
    with _witness() as (address, seen):
        settings.CHECKPOINT_STORES = [address]
        for _ in range(3):
            fill(organisation.pk, 3)
            checkpoints.make(organisation.pk)
        assert checkpoints.deliver() == 3
    assert [size for size, _ in seen] == [3, 6, 9]
    with acting_in(organisation):
        kept = Delivery.objects.filter(store=address).values_list("countersignature", flat=True)
        assert all(text.startswith("— witness.example/w ") for text in kept)


def test_a_countersignature_by_another_key_is_refused(organisation: Organisation, settings: Settings) -> None:
    with _witness(honest=False) as (address, _):
        settings.CHECKPOINT_STORES = [address]
        fill(organisation.pk, 3)
        checkpoints.make(organisation.pk)
        assert checkpoints.deliver() == 0
        assert "did not countersign" in checkpoints.waiting_deliveries()[address]


def test_the_command_signs_what_is_committed_and_rotates_the_key(organisation: Organisation) -> None:
    fill(organisation.pk, 3, sequence=False)
    out = StringIO()
    call_command("audit", "checkpoint", "--rotate-key", "--json", stdout=out)
    printed = json.loads(out.getvalue())
    assert (str(organisation.pk), 3) in {(one["organisation"], one["size"]) for one in printed["checkpoints"]}
    shown = StringIO()
    call_command("audit", "checkpoint", "--show-keys", "--json", stdout=shown)
    assert json.loads(shown.getvalue())["keys"][-1]["fingerprint"] == printed["key"]
    verified = StringIO()
    call_command("audit", "verify", "--key", printed["key"], "--json", stdout=verified)
    assert json.loads(verified.getvalue())["ok"] is True


def test_checkpoints_that_are_not_there_are_no_proof(organisation: Organisation) -> None:
    with pytest.raises(CommandError, match="no checkpoints at"):
        call_command("audit", "verify", "--checkpoints", "/nowhere/at/all")


@contextmanager
def _witness(*, honest: bool = True) -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """A witness as c2sp.org/tlog-witness describes it; the dishonest one signs with a key that is not its own."""
    seed = secrets.token_bytes(32)
    name, public = "witness.example/w", public_key(seed)
    identity = sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    key = Ed25519PrivateKey.from_private_bytes(seed if honest else secrets.token_bytes(32))
    seen: list[tuple[int, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            head, _, text = body.partition("\n\n")
            old, *proof = head.splitlines()
            (note,) = parse_notes(text)
            status, answer = self._judged(note, int(old.removeprefix("old ")), [base64.b64decode(p) for p in proof])
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _judged(self, note: Note, old: int, proof: list[bytes]) -> tuple[int, bytes]:
            statement = parse_statement(note)
            size, root = seen[-1] if seen else (0, sha256(b"").digest())
            if old != size:
                return 409, f"{size}\n".encode()
            if not verify_consistency(
                first=size, second=statement.size, first_root=root, second_root=statement.root, proof=proof
            ):
                return 422, b""
            seen.append((statement.size, statement.root))
            moment = int(time.time())
            signature = key.sign(f"cosignature/v1\ntime {moment}\n{note.text}".encode())
            blob = base64.b64encode(identity + moment.to_bytes(8, "big") + signature).decode()
            return 200, f"— {name} {blob}\n".encode()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        encoded = base64.b64encode(b"\x04" + public).decode()
        yield f"witness+http://127.0.0.1:{server.server_port}#{name}+{identity.hex()}+{encoded}", seen
        server.shutdown()
