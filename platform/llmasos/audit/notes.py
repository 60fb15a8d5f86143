"""Signed notes and checkpoints as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint). Pure: no database.

A checkpoint of one organisation's log:

    llmasos/<installation>/<organisation>      the origin; the installation is named after its first key
    1500                                       entries
    <base64>                                   root of the RFC 9162 tree over them
    number 4                                   the fourth checkpoint of this log
    serial 19                                  the nineteenth of the installation
    chain <hex>                                the chain's hash after the last entry
    time 2026-11-23T10:00:00.000000Z           the signing machine's clock
    previous <hex>                             SHA-256 of this log's checkpoint before
    before <hex>                               SHA-256 of the installation's checkpoint before

    — llmasos/<installation> <base64>

The numbers and the hashes chain the checkpoints to each other: one that is gone leaves a gap. A key is introduced by a
note of origin ``llmasos/<installation>/keys`` that is signed by itself and by the key before it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PRODUCT = "llmasos"
NOTHING = "0" * 64
_ED25519 = b"\x01"
_DASH = "\u2014"
_NOTE = re.compile(rf"(?m)^({PRODUCT}/\S+\n(?:[^\n]+\n)+)\n((?:{_DASH} \S+ \S+\n)+)")
_ID_BYTES = 4
_CHECKPOINT = re.compile(
    rf"{PRODUCT}/(?P<installation>[0-9a-f]{{16}})/(?P<organisation>[0-9a-f-]{{36}})\n(?P<size>[1-9]\d{{0,17}})\n"
    r"(?P<root>\S{44})\nnumber (?P<number>[1-9]\d{0,17})\nserial (?P<serial>[1-9]\d{0,17})\n"
    r"chain (?P<chain>[0-9a-f]{64})\ntime (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\n"
    r"previous (?P<previous>[0-9a-f]{64})\nbefore (?P<before>[0-9a-f]{64})\n"
)
_KEY = re.compile(
    rf"{PRODUCT}/(?P<installation>[0-9a-f]{{16}})/keys\nnumber (?P<number>[1-9]\d{{0,8}})\nkey (?P<key>\S+)\n"
    r"time (?P<time>\S+)\nprevious (?P<previous>[0-9a-f]{64})\n"
)


class NoteError(ValueError):
    """A text is no signed note, key or checkpoint of ours."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name, written ``name+id+base64``."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key in hexadecimal digits, to be compared by people."""
        return sha256(self.public).hexdigest()

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def signed(self, note: Note) -> bool:
        """Tell whether this key signed the note."""
        return any(
            name == self.name and blob[:_ID_BYTES] == self.id and _is_signature(self.public, blob[4:], note.text)
            for name, blob in note.signatures
        )


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name that it signs under."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, public_key(self.seed))

    def line(self, text: str) -> str:
        """Return the signature line for a note's text."""
        blob = self.verifier.id + Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{_DASH} {self.name} {base64.b64encode(blob).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and who signed it: names with key id and signature."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def hash(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    def __str__(self) -> str:
        lines = (f"{_DASH} {name} {base64.b64encode(blob).decode()}\n" for name, blob in self.signatures)
        return f"{self.text}\n{''.join(lines)}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says."""

    installation: str
    organisation: UUID
    size: int
    root: bytes
    number: int
    serial: int
    chain: bytes
    time: str
    previous: str
    before: str

    @property
    def origin(self) -> str:
        return f"{PRODUCT}/{self.installation}/{self.organisation}"

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.time)

    @property
    def text(self) -> str:
        return (
            f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\nnumber {self.number}\n"
            f"serial {self.serial}\nchain {self.chain.hex()}\ntime {self.time}\nprevious {self.previous}\n"
            f"before {self.before}\n"
        )


@dataclass(frozen=True, slots=True)
class KeyIntroduction:
    """A key's number, itself, and the hash of the introduction before it."""

    installation: str
    number: int
    verifier: Verifier
    time: str
    previous: str

    @property
    def text(self) -> str:
        return (
            f"{PRODUCT}/{self.installation}/keys\nnumber {self.number}\nkey {self.verifier}\ntime {self.time}\n"
            f"previous {self.previous}\n"
        )


def public_key(seed: bytes) -> bytes:
    """Return the public part of a private Ed25519 key of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def installation_of(first_public: bytes) -> str:
    """Return the name of the installation whose first key this is."""
    return sha256(first_public).hexdigest()[:16]


def signed(text: str, *signers: Signer) -> str:
    """Return the note with a signature line of each signer."""
    return f"{text}\n{''.join(signer.line(text) for signer in signers)}"


def parse_notes(content: str) -> Iterator[Note]:
    """Yield the notes in a text; whatever is between them, such as one that a crash cut short, is passed over."""
    for text, lines in _NOTE.findall(content):
        signatures = []
        for line in lines.splitlines():
            _, name, encoded = line.split(" ")
            try:
                signatures.append((name, base64.b64decode(encoded, validate=True)))
            except binascii.Error:
                continue
        yield Note(text, tuple(signatures))


def parse_statement(note: Note) -> Statement:
    """Return what a checkpoint says, whoever signed it.

    Raises:
        NoteError: it is no checkpoint of a log of ours.
    """
    found = _CHECKPOINT.fullmatch(note.text)
    if found is None:
        raise NoteError("This note is no checkpoint.")
    try:
        datetime.fromisoformat(found["time"])
        return Statement(
            installation=found["installation"],
            organisation=UUID(found["organisation"]),
            size=int(found["size"]),
            root=base64.b64decode(found["root"], validate=True),
            number=int(found["number"]),
            serial=int(found["serial"]),
            chain=bytes.fromhex(found["chain"]),
            time=found["time"],
            previous=found["previous"],
            before=found["before"],
        )
    except ValueError as error:
        raise NoteError("This note is no checkpoint.") from error


def parse_introduction(note: Note) -> KeyIntroduction:
    """Return the key that a note introduces, whoever signed it.

    Raises:
        NoteError: it introduces none.
    """
    found = _KEY.fullmatch(note.text)
    if found is None:
        raise NoteError("This note introduces no key.")
    return KeyIntroduction(
        installation=found["installation"],
        number=int(found["number"]),
        verifier=parse_verifier(found["key"]),
        time=found["time"],
        previous=found["previous"],
    )


def parse_verifier(text: str) -> Verifier:
    """Return the public key written as ``name+id+base64``.

    Raises:
        NoteError: it is none, or its id is not its own.
    """
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise NoteError("This is no verifier key.") from error
    if not name or len(blob) != 33 or blob[:1] != _ED25519:
        raise NoteError("This is no verifier key for Ed25519.")
    verifier = Verifier(name, blob[1:])
    if verifier.id.hex() != identity:
        raise NoteError("The id of this verifier key is not its own.")
    return verifier


def trusted_keys(notes: Iterable[Note], *, pinned: Iterable[str] = ()) -> dict[bytes, Verifier]:
    """Return the keys, by id, of the installation that ``notes`` introduce.

    The first key vouches for itself and each later one is signed by the one before, so that all hang together; with
    ``pinned`` (verifier keys or fingerprints) one of them must be among the keys, else none is trusted.
    """
    keys: list[Verifier] = []
    last = ""
    for note in notes:
        try:
            introduced = parse_introduction(note)
        except NoteError:
            continue
        number, verifier = introduced.number, introduced.verifier
        if number != len(keys) + 1 or not verifier.signed(note):
            continue
        if number == 1:
            genuine = installation_of(verifier.public) == introduced.installation
        else:
            genuine = keys[-1].signed(note) and introduced.previous == last and verifier.name == keys[-1].name
        if genuine:
            keys.append(verifier)
            last = note.hash
    wanted = set(pinned)
    if wanted and not any(wanted & {str(key), key.fingerprint} for key in keys):
        return {}
    return {key.id: key for key in keys}


def signer_of(note: Note, keys: dict[bytes, Verifier]) -> Verifier | None:
    """Return the trusted key that signed the note; None where there is none."""
    for _, blob in note.signatures:
        key = keys.get(blob[:_ID_BYTES])
        if key is not None and key.signed(note):
            return key
    return None


def _is_signature(public: bytes, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
