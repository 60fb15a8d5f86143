"""Bundles of a signed log, and forging them as somebody does who has the file and not the signing key."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import canonical, checkpoints
from llmasos.audit.exports import export
from llmasos.audit.models import Entry
from llmasos.audit.notes import (
    NOTHING,
    KeyIntroduction,
    Signer,
    installation_of,
    parse_introduction,
    parse_notes,
    parse_statement,
    signed,
)
from llmasos.audit.reading import Selection
from llmasos.audit.types import Actor
from tests.audit.logs import fill

Line = dict[str, Any]
RANGES = [(1, 10), (1, 7), (5, 15), (11, 18), (12, 17), (20, 30), (30, 30), (25, 29)]


@dataclass(frozen=True)
class Signed:
    """Bundles of a log of 30 entries with checkpoints after the 10th, 18th and 24th; its first key.

    ``rotated`` was made later, with a fourth checkpoint under a second key; ``fork`` is one of another history.
    """

    whole: list[Line]
    ranges: dict[tuple[int, int], list[Line]]
    chosen: list[Line]
    rotated: list[Line]
    fork: str
    key: str


def signed_log() -> Signed:
    organisation = Organisation(slug="shop", name="The Shop")
    with acting_in(organisation):
        organisation.save(force_insert=True)
    for count in (10, 8, 6):
        fill(organisation.pk, count)
        checkpoints.make(organisation.pk)
    fill(organisation.pk, 6)
    with acting_in(organisation):
        subject = Entry.objects.get(position__seq=13).subject_id
    whole = bundle_of(organisation)
    ranges = {(first, last): bundle_of(organisation, Selection(from_seq=first, to_seq=last)) for first, last in RANGES}
    chosen = bundle_of(organisation, Selection(subject_id=subject))
    room = checkpoints.signing_room()
    with room.alone():
        key = str(parse_introduction(room.introductions()[0]).verifier)
    fork = _another_history(organisation)
    checkpoints.rotate_key()
    checkpoints.make(organisation.pk)
    return Signed(whole, ranges, chosen, bundle_of(organisation), fork, key)


def _another_history(organisation: Organisation) -> str:
    """Sign what a stolen key would, and put the signing process's memory of it back."""
    room = checkpoints.signing_room()
    with room.alone():
        state = Path(settings.CHECKPOINT_KEY_FOLDER) / "state"
        before = state.read_bytes()
        note = room.sign(organisation.pk, size=26, root=b"r" * 32, chain=b"c" * 32, moment=timezone.now())
        state.write_bytes(before)
    return note


def resigned(lines: list[Line], signer: Signer) -> list[Line]:
    """Sign the checkpoints of a bundle with a key of one's own, for an installation named after it."""
    forger = Signer(f"llmasos/{installation_of(signer.verifier.public)}", signer.seed)
    installation = forger.name.partition("/")[2]
    introduction = KeyIntroduction(installation, 1, forger.verifier, "2026-01-01T00:00:00.000000Z", NOTHING)
    forged, previous = copy.deepcopy(lines), NOTHING
    for line in forged:
        if line["type"] == "key":
            line["note"] = signed(introduction.text, forger)
        elif line["type"] == "checkpoint":
            (note,) = parse_notes(line["note"])
            statement = replace(parse_statement(note), installation=installation, previous=previous)
            line["note"] = signed(statement.text, forger)
            previous = sha256(statement.text.encode()).hexdigest()
    return forged


def bundle_of(organisation: Organisation, selection: Selection | None = None) -> list[Line]:
    wanted = selection or Selection()
    made = export(organisation_id=organisation.pk, actor=Actor("system"), selection=wanted, kind="bundle")
    return [json.loads(line) for line in made.pieces]


def text_of(lines: list[Line]) -> list[str]:
    return [json.dumps(line) for line in lines]


def entries(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["type"] == "entry"]


def place(lines: list[Line], seq: int) -> int:
    return next(index for index, line in enumerate(lines) if line.get("seq") == seq)


def without(lines: list[Line], unwanted: Callable[[Line], bool]) -> list[Line]:
    """Leave lines out, and say in the end line how many entries there are now."""
    kept = [line for line in lines if not unwanted(line)]
    kept[-1]["entries"] = len(entries(kept))
    return kept


def rebuild(lines: list[Line]) -> None:
    """Number, hash and link every entry anew, as the log would have."""
    previous = bytes.fromhex(lines[0]["before"]["chain"])
    for number, line in enumerate(entries(lines), start=lines[0]["before"]["size"] + 1):
        leaf = canonical.leaf_hash(canonical.entry_digest(line["entry"]))
        chain = canonical.chain_hash(previous=previous, leaf=leaf, sequenced_at=line["sequenced_at"])
        line |= {"seq": number, "previous": previous.hex(), "leaf": leaf.hex(), "chain": chain.hex()}
        previous = chain
