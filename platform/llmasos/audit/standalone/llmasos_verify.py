"""llmasos-verify: check an exported audit log without the system that wrote it.

    python llmasos_verify.py BUNDLE --key KEY [--checkpoint FILE ...] [--json]

One file, Python 3.11 or later, one package (cryptography, for Ed25519). KEY is the installation's verifier key or its
fingerprint, had from somewhere else than the bundle; FILE is a checkpoint kept outside the system. What is done:

1. keys         the first vouches for itself, each later one is signed by the one before; KEY must be among them
2. checkpoints  each is signed by such a key; numbers, hashes, sizes and times must follow each other
3. entries      the digest of each is computed from what it says, from that the leaf of a Merkle tree (RFC 9162) and
                the link of a hash chain; numbers, links and times must follow each other
4. roots        the tree over the entries must have the root that each checkpoint signed, the chain its hash
5. parts        in a ZIP file: the files beside the proof must say what the entries have the digests of

Entries after the last checkpoint (the window) are linked to what is before them, and nothing signed says so.
Exit status: 0 nothing is wrong, 1 something is, 2 the bundle could not be read. The format: docs/audit-bundle.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ModuleNotFoundError:
    print("It needs the package cryptography: pip install cryptography", file=sys.stderr)
    raise SystemExit(2) from None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MISSING = 1_000_000
ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

# Hashes ---------------------------------------------------------------------------------------------------------


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def entry_leaf(entry: Any) -> bytes:
    """The leaf of an entry: SHA-256(0x00, SHA-256(the entry in the canonical form of RFC 8785))."""
    return sha256(b"\x00", sha256(canonical(entry).encode("utf-8", "surrogatepass")))


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


def chain_link(previous: bytes, leaf: bytes, sequenced_at: int) -> bytes:
    return sha256(b"\x02", previous, leaf, sequenced_at.to_bytes(8, "big", signed=True))


def genesis(organisation: str) -> bytes:
    """What the first entry of an organisation's log is linked to."""
    return sha256(b"llmasos.audit.chain.v1\0", UUID(organisation).bytes)


def canonical(value: Any) -> str:
    """RFC 8785 for what entries hold: objects, lists, strings, whole numbers, true, false and null."""
    text = ENCODE(value)
    # Names in ASCII have one order; that of others is by UTF-16, which Python does not sort by.
    return text if text.isascii() else in_utf16_order(value)


def in_utf16_order(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{ENCODE(key)}:{in_utf16_order(item)}" for key, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(in_utf16_order, value)) + "]"
    return ENCODE(value)


class Tree:
    """A Merkle tree that grows to the right; it keeps the roots of its complete subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise BundleError("the subtrees before the first entry do not fit its number")

    def append(self, leaf: bytes) -> None:
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf, size = node(self.peaks.pop(), leaf), size >> 1
        self.peaks.append(leaf)

    def root(self) -> bytes:
        root = self.peaks[-1] if self.peaks else sha256()
        for peak in self.peaks[-2::-1]:
            root = node(peak, root)
        return root


def is_included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    last = size - 1
    for other in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            leaf = node(other, leaf)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = node(leaf, other)
        index, last = index >> 1, last >> 1
    return last == 0 and leaf == root


def is_consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2: the tree of ``first`` leaves begins the tree of ``second``."""
    if first == 0 or first == second:
        return not proof and first_root == (sha256() if first == 0 else second_root)
    path = proof if first & (first - 1) else [first_root, *proof]
    if first > second or not path:
        return False
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            old, new = node(other, old), node(other, new)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            new = node(new, other)
        index, last = index >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


# Signed notes (c2sp.org/signed-note) -----------------------------------------------------------------------------

NOTE = re.compile(r"(?m)^(llmasos/\S+\n(?:[^\n]+\n)+)\n((?:\u2014 \S+ \S+\n)+)")
KEY_NOTE = re.compile(r"llmasos/([0-9a-f]{16})/keys\nnumber (\d{1,9})\nkey (\S+)\ntime \S+\nprevious ([0-9a-f]{64})\n")
CHECKPOINT_NOTE = re.compile(
    r"llmasos/([0-9a-f]{16})/([0-9a-f-]{36})\n(\d{1,18})\n(\S{44})\nnumber (\d{1,18})\nserial (\d{1,18})\n"
    r"chain ([0-9a-f]{64})\ntime (\S+)\nprevious ([0-9a-f]{64})\nbefore [0-9a-f]{64}\n"
)


@dataclass(frozen=True)
class Key:
    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode(), b"\n\x01", self.public)[:4]

    @property
    def fingerprint(self) -> str:
        return sha256(self.public).hex()

    def __str__(self) -> str:
        encoded = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def signed(self, note: Note) -> bool:
        return any(name == self.name and blob[:4] == self.id and self._made(blob[4:], note) for name, blob in note.by)

    def _made(self, signature: bytes, note: Note) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, note.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Note:
    """A text and its signatures: the signers' names, with four bytes of key id and the signature."""

    text: str
    by: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Checkpoint:
    installation: str
    organisation: str
    size: int
    root: bytes
    number: int
    serial: int
    chain: bytes
    time: datetime
    previous: str
    note: Note

    @property
    def hash(self) -> str:
        return sha256(self.note.text.encode()).hex()


def read_notes(content: str) -> Iterator[Note]:
    for text, lines in NOTE.findall(content):
        signatures = (line.split(" ") for line in lines.splitlines())
        yield Note(text, tuple((name, base64.b64decode(blob)) for _, name, blob in signatures))


def read_key(text: str) -> Key:
    name, _, encoded = text.strip().split("+", 2)
    blob = base64.b64decode(encoded, validate=True)
    key = Key(name, blob[1:])
    if str(key) != text.strip() or len(blob) != 33:
        raise ValueError("no verifier key for Ed25519")
    return key


def read_checkpoint(note: Note) -> Checkpoint | None:
    found = CHECKPOINT_NOTE.fullmatch(note.text)
    if found is None:
        return None
    installation, organisation, size, root, number, serial, chain, time, previous = found.groups()
    return Checkpoint(
        installation=installation,
        organisation=organisation,
        size=int(size),
        root=base64.b64decode(root, validate=True),
        number=int(number),
        serial=int(serial),
        chain=bytes.fromhex(chain),
        time=datetime.fromisoformat(time),
        previous=previous,
        note=note,
    )


def keys_of(notes: Iterable[Note]) -> list[Key]:
    """The keys that are introduced: the first names the installation, each later one is signed by the one before."""
    keys: list[Key] = []
    before = "0" * 64
    for note in notes:
        if not (found := KEY_NOTE.fullmatch(note.text)):
            continue
        installation, number, text, previous = found.groups()
        key = read_key(text)
        if keys:
            vouched = keys[-1].signed(note) and keys[-1].name == key.name
        else:
            vouched = key.fingerprint[:16] == installation and key.name == f"llmasos/{installation}"
        if vouched and key.signed(note) and int(number) == len(keys) + 1 and previous == before:
            keys.append(key)
            before = sha256(note.text.encode()).hex()
    return keys


# The bundle: JSON objects, one a line -----------------------------------------------------------------------------


class BundleError(Exception):
    """The file is no bundle that can be checked."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with the entries from one number to another (0 where it is about none)."""

    kind: str
    from_seq: int
    to_seq: int
    detail: str


@dataclass
class Report:
    organisation: str = ""
    complete: bool = True
    from_seq: int = 1
    to_seq: int = 0
    created_at: str = ""
    entries: int = 0
    proved: int = 0
    checkpoints: int = 0
    keys: list[str] = field(default_factory=list)
    trusted_by: str = "the bundle itself"
    window: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, kind: str, from_seq: int, to_seq: int, detail: str) -> None:
        last = self.faults[-1] if self.faults else None
        if last and (last.kind, last.detail) == (kind, detail) and from_seq == last.to_seq + 1 > 1:
            self.faults[-1] = Fault(kind, last.from_seq, to_seq, detail)
        else:
            self.faults.append(Fault(kind, from_seq, to_seq, detail))


class Bundle:
    """One pass over the lines of a bundle; the links are remembered (some 200 bytes an entry) to name what is wrong."""

    def __init__(self, *, pinned: set[str], outside: list[Note]) -> None:
        self.report = Report()
        self.pinned, self.outside = pinned, outside
        self.keys: dict[bytes, Key] = {}
        self.checkpoints: dict[int, Checkpoint] = {}
        self.inside: set[int] = set()
        # The last entry that something signed covers.
        self.covered = 0
        self.links: dict[int, list[bytes]] = {}
        self.tree, self.first, self.last_chain, self.last_time = Tree(), 0, b"", -(2**63)
        self.roots: dict[int, bytes] = {}
        self.chains: dict[bytes, int] = {}
        self.missing: set[int] = set()
        self.misplaced: list[tuple[int, bytes, bytes]] = []
        self.broken: list[tuple[int, bytes]] = []

    def check(self, lines: Iterable[str]) -> Report:
        """Check everything. The lines: header, keys, checkpoints, consistency proofs, entries, end."""
        order = ["bundle", "key", "checkpoint", "consistency", "entry", "end"]
        stage = -1
        keys: list[Note] = []
        checkpoints: list[Note] = []
        for line in map(read_line, lines):
            kind = line["type"]
            place = order.index(kind) if kind in order else -1
            if place < stage or (place == stage and kind in ("bundle", "end")) or (place > 0 and stage < 0):
                raise BundleError(f"a line of type {kind} is not in its place")
            if place >= 4 > stage:
                self.trust(keys, checkpoints)
            stage = place
            if kind == "bundle":
                self.begin(line)
            elif kind == "key":
                keys += read_notes(line["note"])
            elif kind == "checkpoint":
                checkpoints += read_notes(line["note"])
            elif kind == "consistency":
                self.links[line["first"] if line["second"] == self.first else line["second"]] = hashes(line["path"])
            elif kind == "entry":
                self.entry(line)
            elif line["entries"] != self.report.entries:
                self.report.fault("deleted", 0, 0, f"the bundle was written with {line['entries']} entries")
        if stage < 0:
            raise BundleError("it is empty")
        if stage < 5:
            if stage < 4:
                self.trust(keys, checkpoints)
            self.report.fault("cut_tail", self.report.to_seq + 1, self.report.to_seq + 1, "the bundle has no end")
        self.conclude()
        return self.report

    def begin(self, header: dict[str, Any]) -> None:
        if header["format"] != "llmasos-audit-bundle" or header["version"] != 1:
            raise BundleError("this format is unknown")
        report, before = self.report, header["before"]
        report.organisation, report.complete = str(UUID(header["organisation"])), header["complete"] is True
        report.created_at = header["created_at"]
        self.first = before["size"]
        self.tree = Tree(self.first, hashes(before["peaks"]))
        self.last_chain = bytes.fromhex(before["chain"]) if self.first else genesis(report.organisation)
        self.chains[self.last_chain] = self.first
        self.roots[self.first] = self.tree.root()
        report.from_seq, report.to_seq = self.first + 1, self.first

    # 1 and 2: keys and checkpoints

    def trust(self, key_notes: list[Note], notes: list[Note]) -> None:
        """Settle which keys, and so which checkpoints, count."""
        report, keys = self.report, keys_of(key_notes)
        report.keys = [str(key) for key in keys]
        if self.pinned and not any(self.pinned & {str(key), key.fingerprint} for key in keys):
            report.fault("unknown_key", 0, 0, "the key given is not among the keys of the bundle")
            keys = []
        elif self.pinned:
            report.trusted_by = "the key given"
        else:
            report.notes.append("The key is the bundle's own: compare it with one from elsewhere, or give --key.")
        self.keys = {key.id: key for key in keys}
        inside, outside = self.genuine(notes), self.genuine(self.outside)
        self.inside = {one.size for one in inside}
        self.follow(inside)
        for one in outside:
            if any(other.number == one.number and other.hash != one.hash for other in inside):
                report.fault("fork", one.size, one.size, f"checkpoint {one.number} is not the one kept outside")
        for one in (*inside, *outside):
            if self.checkpoints.setdefault(one.size, one).root != one.root:
                report.fault("fork", one.size, one.size, "two checkpoints sign different roots")
        report.checkpoints, self.covered = len(self.checkpoints), max(self.checkpoints, default=0)

    def genuine(self, notes: Iterable[Note]) -> list[Checkpoint]:
        """The checkpoints of this log among the notes that a trusted key signed."""
        found = []
        for note in notes:
            statement = read_checkpoint(note)
            if statement is None or statement.organisation != self.report.organisation:
                continue
            known = [self.keys[blob[:4]] for _, blob in note.by if blob[:4] in self.keys]
            if any(key.signed(note) for key in known):
                found.append(statement)
            else:
                kind = "bad_signature" if known else "unknown_key"
                self.report.fault(kind, statement.size, statement.size, f"checkpoint {statement.number} is not signed")
        return found

    def follow(self, checkpoints: list[Checkpoint]) -> None:
        """Check that the checkpoints of the bundle follow each other without a gap."""
        ordered = sorted(checkpoints, key=lambda one: one.number)
        for last, one in pairwise(ordered):
            between = (last.size + 1, one.size, f"checkpoints {last.number} and {one.number}")
            if one.number > last.number + 1:
                self.report.fault("checkpoint_missing", *between)
            elif one.previous != last.hash or one.size <= last.size or one.serial <= last.serial:
                self.report.fault("fork", *between)
            elif one.time < last.time:
                self.report.fault("clock_back", *between)

    # 3: entries

    def entry(self, line: dict[str, Any]) -> None:
        report, seq, entry, time = self.report, line["seq"], line["entry"], line["sequenced_at"]
        previous, leaf, chain = (bytes.fromhex(line[name]) for name in ("previous", "leaf", "chain"))
        report.entries += 1
        own = entry_leaf(entry)
        if own != leaf:
            self.misplaced.append((seq, leaf, own))
        if entry["organisation"] != report.organisation:
            report.fault("inserted", seq, seq, "the entry belongs to another organisation")
        made = chain_link(previous, leaf, time)
        if made != chain:
            report.fault("changed", seq, seq, "the link is not made of the entry, its time and the link before")
        if not report.complete:
            self.selected(seq, own, line.get("proof"), time)
            return
        expected = report.to_seq + 1
        if seq < expected:
            report.fault("reordered" if seq in self.missing else "inserted", seq, seq, "the number is not in its place")
            self.missing.discard(seq)
        elif seq > expected + MOST_MISSING:
            raise BundleError(f"between the entries {expected} and {seq} there are none")
        elif seq > expected:
            self.missing.update(range(expected, seq))
        elif previous != self.last_chain:
            self.broken.append((seq, previous))
        if time < self.last_time:
            report.fault("clock_back", seq, seq, "the time is before that of the entry before")
        report.to_seq, self.last_time, self.last_chain = max(report.to_seq, seq), time, chain
        self.chains[chain] = self.chains[made] = seq
        self.tree.append(own)
        if seq in self.checkpoints:
            self.roots[seq] = self.tree.root()
        if seq > self.covered:
            self.outside_checkpoints(seq, time)

    def selected(self, seq: int, leaf: bytes, proof: dict[str, Any] | None, time: int) -> None:
        """Check one entry that stands without those around it."""
        self.report.to_seq = max(self.report.to_seq, seq)
        if seq > self.covered:
            self.outside_checkpoints(seq, time)
        elif proof is None or proof["size"] not in self.checkpoints:
            self.report.fault("unproved", seq, seq, "a checkpoint covers the entry, and its proof is not there")
        elif is_included(leaf, seq - 1, proof["size"], hashes(proof["path"]), self.checkpoints[proof["size"]].root):
            self.report.proved += 1
        else:
            self.report.fault("changed", seq, seq, "the proof does not lead from the entry to the signed root")

    def outside_checkpoints(self, seq: int, time: int) -> None:
        window = self.report.window
        since = window["since"] if window else (EPOCH + timedelta(microseconds=time)).isoformat()
        self.report.window = {"from_seq": window["from_seq"] if window else seq, "to_seq": seq, "since": since}

    # 4: what only the whole shows

    def conclude(self) -> None:
        report = self.report
        held, due = {leaf for _, leaf, _ in self.misplaced}, {own for _, _, own in self.misplaced}
        for seq, leaf, own in self.misplaced:
            kind = "reordered" if own in held and leaf in due else "changed"
            report.fault(kind, seq, seq, "the entry does not make the leaf at its place")
        for seq in sorted(self.missing):
            report.fault("deleted", seq, seq, "the entry is not there")
        if report.entries and not self.checkpoints:
            report.fault("checkpoint_missing", report.from_seq, report.to_seq, "nothing signed covers the entries")
        if report.complete:
            for seq, previous in self.broken:
                self.name_break(seq, previous)
            for size in sorted(self.checkpoints):
                self.root(self.checkpoints[size])

    def root(self, checkpoint: Checkpoint) -> None:
        report, size, path = self.report, checkpoint.size, self.links.get(checkpoint.size)
        if size > report.to_seq and path is None:
            if size not in self.inside and checkpoint.time > datetime.fromisoformat(report.created_at):
                report.notes.append(f"A checkpoint of {size} entries is younger than the bundle, which cannot show it.")
            else:
                report.fault("cut_tail", report.to_seq + 1, size, "a checkpoint covers entries that are not there")
        elif size < self.first and path is None:
            if size in self.inside:
                report.fault(
                    "unproved", size + 1, self.first, "nothing ties the first entry to the checkpoint before it"
                )
            else:
                report.notes.append(f"A checkpoint of {size} entries is before the bundle's first entry.")
        elif size in self.roots:
            moved = self.chains.get(checkpoint.chain, size) - size
            if moved:
                kind, first, last = ("deleted", size + moved, size) if moved < 0 else ("inserted", size, size + moved)
                report.fault(kind, first, last, "what the checkpoint signed as its last entry is at another place")
            elif self.roots[size] != checkpoint.root and not any(fault.from_seq <= size for fault in report.faults):
                report.fault("rebuilt", self.first + 1, size, "the entries do not make the root that was signed")
            elif self.chains.get(checkpoint.chain) is None and not report.faults:
                report.fault("rebuilt", self.first + 1, size, "the links do not make the one that was signed")
        elif path is not None:
            mine = (self.tree.size, self.tree.root()) if size > self.first else (self.first, self.roots[self.first])
            (first, first_root), (second, second_root) = sorted([mine, (size, checkpoint.root)])
            if not is_consistent(first, second, first_root, second_root, path) and not report.faults:
                report.fault("rebuilt", report.from_seq, report.to_seq, "the entries do not lead to the signed root")

    def name_break(self, seq: int, previous: bytes) -> None:
        """Name what stands behind a link to something else than the entry before."""
        place = self.chains.get(previous)
        around = [fault for fault in self.report.faults if fault.from_seq <= seq and fault.to_seq >= seq - 1]
        if place is not None and place < seq - 1:
            self.report.fault("inserted", place + 1, seq - 1, "the next entry is linked past these")
        elif place is not None:
            self.report.fault("reordered", seq, place, "the entry is linked to a later one")
        elif not around:
            kind = "changed" if seq > self.first + 1 else "deleted"
            self.report.fault(kind, max(seq - 1, self.first + 1), seq, "the entry is linked to one that is not there")


def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise BundleError("an object has a member twice")
    return found


def refused(number: str) -> Any:
    raise BundleError(f"{number} is no whole number")


DECODE = json.JSONDecoder(object_pairs_hook=pairs, parse_float=refused, parse_constant=refused).decode


def read_line(text: str) -> dict[str, Any]:
    """One JSON object; whatever two readers could take differently is refused."""
    line = DECODE(text)
    if not isinstance(line, dict):
        raise BundleError("a line is no object")
    return line


def hashes(values: list[str]) -> list[bytes]:
    found = [bytes.fromhex(value) for value in values]
    if any(len(value) != 32 for value in found):
        raise BundleError("a hash has not 32 bytes")
    return found


# The command ------------------------------------------------------------------------------------------------------


def verify(lines: Iterable[str], *, keys: Iterable[str] = (), checkpoints: Iterable[str] = ()) -> Report:
    """Check a bundle. ``keys``: verifier keys or fingerprints; ``checkpoints``: texts with notes kept outside.

    Raises:
        BundleError: it is no bundle, or not a whole one.
    """
    outside = [note for text in checkpoints for note in read_notes(text)]
    try:
        return Bundle(pinned=set(keys), outside=outside).check(lines)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BundleError(f"{type(error).__name__}: {error}") from error


def check_parts(parts: dict[str, bytes], lines: Iterable[str], report: Report) -> None:
    """Hold the other files of a ZIP against its entries: what is said there in words has to be what was recorded."""
    entries = {one["seq"]: one["entry"] for one in map(read_line, lines) if one["type"] == "entry"}
    told = {value for one in entries.values() for value in one["digests"].values() if isinstance(value, str)}
    if "mark.json" in parts:
        facts, words = (json.loads(parts.pop(name, b"{}")) for name in ("mark.json", "words.json"))
        try:
            for seq, detail in appeal_faults(facts, words, entries):
                report.fault("part_differs", seq, seq, detail)
        except (KeyError, TypeError, AttributeError) as error:
            report.fault("part_differs", 0, 0, f"mark.json or words.json lacks what a proof of a mark has: {error}")
        report.notes.append("The learner's name, feedback and messages in words.json are under no digest here.")
    for name, content in parts.items():
        if sha256(content).hex() not in told:
            report.fault("part_differs", 0, 0, f"{name} is not the file whose digest was recorded")


def appeal_faults(facts: Any, words: Any, entries: dict[int, Any]) -> Iterator[tuple[int, str]]:
    """What the files of a mark's proof say otherwise than the entries, each with the number of the entry."""
    by_action: dict[str, list[tuple[int, Any]]] = {}
    for seq, entry in entries.items():
        by_action.setdefault(entry["action"], []).append((seq, entry))
    listed = [{"seq": seq, **{key: one[key] for key in ("id", "action")}, "at": one["recorded_at"]}
              for seq, one in entries.items()]  # fmt: skip
    if facts["entries"] != listed:
        yield 0, "mark.json lists other entries"
    for seq, entry in by_action.get("tutor.work_handed_in", []):
        said = entry["digests"]
        of = (digest_of(facts["submission"]), facts["submission_digest"], facts["late_seconds"])
        if of != (said["submission"], said["submission"], said["late_seconds"]):
            yield seq, "mark.json tells of other work than was handed in"
    if {"question": facts["question"], "content": facts["question_digest"], "answer": facts["answer_digest"]} not in (
        facts["submission"]["answers"]
    ):
        yield 0, "mark.json tells of another answer or question than was handed in"
    given = {one["digests"]["mark"]: (seq, one) for seq, one in by_action.get("tutor.marked", [])}
    for mark in facts["marks"]:
        seq, entry = given.get(mark["id"], (0, {"digests": {}, "actor": {}}))
        levels = sha256(json.dumps(mark["levels"], sort_keys=True).encode()).hex() if mark["levels"] else ""
        names = {"kind": "kind", "origin": "origin", "after": "hundredths", "rubric": "rubric_digest",
                 "levels": "levels_digest", "replaces": "replaces"}  # fmt: skip
        differ = any(entry["digests"].get(said) != mark[name] for said, name in names.items())
        if differ or mark["levels_digest"] != levels or (entry["actor"].get("id") or "") != mark["marker"]:
            yield seq, f"mark.json tells of another mark {mark['id']} than was given"
    proposed = {one["digests"]["proposal"]: (seq, one["digests"]) for seq, one in by_action.get("tutor.proposed", [])}
    for proposal in facts["proposals"]:
        seq, said = proposed.get(proposal["id"], (0, {}))
        names = {"run": "run", "decision": "decision", "points": "hundredths", "model": "model_digest",
                 "rubric": "rubric_digest", "features": "features_digest", "neighbours": "neighbours"}  # fmt: skip
        features = sha256(proposal["features"].encode()).hex()
        if said and (any(said[key] != proposal[name] for key, name in names.items()) or said["features"] != features):
            yield seq, f"mark.json tells of another proposal {proposal['id']} than was made"
    if digest_of(words["answer"]) != facts["answer_digest"]:
        yield 0, "words.json holds another answer than was handed in"
    if digest_of(words["question"]) != facts["question_digest"]:
        yield 0, "words.json holds another question than was answered"
    for rubric in words["rubrics"]:
        # Learners get a rubric without its references: its digest cannot be computed again then.
        content = {"references": rubric["references"], "criteria": rubric["criteria"]}
        if rubric["references"] and digest_of(content) != rubric["digest"]:
            yield 0, "words.json holds another rubric than was marked by"


def digest_of(value: Any) -> str:
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hex()


def parts_of(bundle: str) -> dict[str, bytes]:
    """The JSON files beside the proof in a ZIP file."""
    if bundle == "-" or not zipfile.is_zipfile(bundle):
        return {}
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".json")}


def opened(bundle: str) -> TextIO:
    """Open a bundle, or the one that lies as proof.jsonl in a ZIP file. Raises BundleError where none does."""
    if bundle == "-":
        return sys.stdin
    if not zipfile.is_zipfile(bundle):
        return Path(bundle).open(encoding="utf-8")
    try:
        return io.TextIOWrapper(zipfile.ZipFile(bundle).open("proof.jsonl"), encoding="utf-8")
    except KeyError as error:
        raise BundleError("the ZIP file holds no proof.jsonl") from error


def print_report(report: Report) -> None:
    entries = f"entries {report.from_seq} to {report.to_seq}" if report.complete else f"{report.entries} entries"
    print(f"Log of organisation {report.organisation}, {entries}, exported {report.created_at}")
    print(f"  keys         {len(report.keys)} in the bundle, trusted by {report.trusted_by}")
    print(f"  checkpoints  {report.checkpoints} signed by them")
    if report.complete:
        print(
            f"  entries      {report.entries}: digests, leaves, links and the roots at the checkpoints computed again"
        )
    else:
        print(f"  entries      {report.entries} chosen, {report.proved} proved; that none is missing is not shown")
    if report.window:
        first, last, since = report.window["from_seq"], report.window["to_seq"], report.window["since"]
        print(f"  window       entries {first} to {last} (since {since}) are under no checkpoint")
    for note in report.notes:
        print(f"  note         {note}")
    for fault in report.faults:
        print(f"{fault.kind}: {fault.from_seq} to {fault.to_seq}: {fault.detail}")
    print("Something is wrong." if report.faults else "Nothing is wrong.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="llmasos-verify", description="Check an exported audit log, alone.")
    parser.add_argument(
        "bundle", metavar="BUNDLE", help="The exported file, or a ZIP file with proof.jsonl; - for standard input."
    )
    parser.add_argument(
        "--key", action="append", default=[], help="A verifier key, its fingerprint, or a file of them."
    )
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="Checkpoints kept outside.")
    parser.add_argument("--json", action="store_true", help="Print one JSON object.")
    options = parser.parse_args()
    try:
        keys = [
            key for text in options.key for key in (Path(text).read_text() if Path(text).is_file() else text).split()
        ]
        outside = [Path(name).read_text(encoding="utf-8") for name in options.checkpoint]
        with opened(options.bundle) as lines:
            report = verify(lines, keys=keys, checkpoints=outside)
        if parts := parts_of(options.bundle):
            with opened(options.bundle) as lines:
                check_parts(parts, lines, report)
    except (BundleError, OSError, ValueError) as error:
        print(json.dumps({"ok": False, "error": str(error)}) if options.json else f"It cannot be read: {error}")
        return 2
    if options.json:
        print(json.dumps({"ok": not report.faults, **asdict(report)}))
    else:
        print_report(report)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
