"""Rotating the key-encryption key, with an account of it in the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor
from llmasos.privacy.errors import PrivacyError
from llmasos.vault import keys, rotation
from llmasos.vault.errors import KeySourceError
from llmasos.vault.rotation import KeyUse

BATCH = 500
# Values that pass through the queue live so long; until then the key before this one may be needed for them.
TRANSIT_SECONDS = 15 * 60
_SYSTEM = Actor("system")


class KeyInUseError(PrivacyError):
    """The key cannot be retired yet; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What one run of a rotation did. ``remaining`` counts what others wrote under an older key meanwhile."""

    key: str
    resumed: bool
    organisations: int
    subject_keys: int
    values: int
    remaining: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Key:
    """A key-encryption key, and how much is under it. ``present`` is False where data names a key that is not here."""

    id: str
    current: bool
    present: bool
    use: KeyUse


def rotate(*, to: str = "", batch: int = BATCH, tell: Callable[[str], None] = lambda _: None) -> Rotation:
    """Move everything to a new key-encryption key, or to the one named, and return what was done.

    Goes on with a rotation that was interrupted. It never stops anybody's work: a transaction takes ``batch`` rows.

    Raises:
        UnknownKeyError: an older key that data is sealed under is not here.
        KeySourceError: the environment gives the keys and another one is current there than was named.
    """
    began = time.monotonic()
    resumed = keys.is_rotating() and to in {"", keys.current_key_id()}
    key_id = _begin(to) if not resumed else keys.current_key_id()
    with transaction.atomic():
        action = "privacy.key_rotation_resumed" if resumed else "privacy.key_rotation_started"
        record(organisation_id=PLATFORM, actor=_SYSTEM, action=action, digests={"key": key_id})
    waiting = rotation.organisations_to_move(key_id)
    total, moved = sum(waiting.values()), 0
    for organisation_id in sorted(waiting):
        in_organisation = 0
        while True:
            with acting_in(organisation_id):
                done = rotation.rewrap(organisation_id, to=key_id, limit=batch)
                in_organisation += done
                if done < batch:
                    record(
                        organisation_id=organisation_id,
                        actor=_SYSTEM,
                        action="privacy.keys_rewrapped",
                        digests={"key": key_id, "subject_keys": in_organisation},
                    )
                    break
            tell(f"{moved + in_organisation} of {total} subjects' keys")
        moved += in_organisation
        tell(f"{moved} of {total} subjects' keys")
    values = 0
    while (done := rotation.reseal(to=key_id, limit=batch)) > 0:
        values += done
    remaining = sum(use.subject_keys + use.values for under, use in rotation.key_use().items() if under != key_id)
    if keys.are_files() and not remaining:
        keys.use_key(key_id, rotating=False)
    with transaction.atomic():
        record(
            organisation_id=PLATFORM,
            actor=_SYSTEM,
            action="privacy.key_rotation_ended",
            outcome="failure" if remaining else "success",
            digests={"key": key_id, "subject_keys": moved, "values": values, "remaining": remaining},
        )
    return Rotation(
        key=key_id,
        resumed=resumed,
        organisations=len(waiting),
        subject_keys=moved,
        values=values,
        remaining=remaining,
        seconds=round(time.monotonic() - began, 3),
    )


def known_keys() -> list[Key]:
    """Return the keys that are here, and those that data names and that are not."""
    use = rotation.key_use()
    current, present = keys.current_key_id(), set(keys.key_ids())
    return [
        Key(id=key_id, current=key_id == current, present=key_id in present, use=use.get(key_id, KeyUse()))
        for key_id in sorted(present | set(use))
    ]


def retire(key_id: str, *, seconds_since_current: float | None) -> None:
    """Remove a key that nothing is sealed under any more: backups from before its rotation close for good.

    ``seconds_since_current`` is how long another key has been current, None to retire regardless of values that are
    on their way through the queue.

    Raises:
        KeyInUseError: something is still sealed under it.
        KeySourceError: it is the current key, or the environment gives the keys.
    """
    use = rotation.key_use().get(key_id, KeyUse())
    if use != KeyUse() and key_id != keys.current_key_id():
        raise KeyInUseError(
            f"{use.subject_keys} subjects' keys and {use.values} values are sealed under {key_id}: "
            "run `manage.py privacy rotate-keys` first."
        )
    if seconds_since_current is not None and seconds_since_current < TRANSIT_SECONDS:
        minutes = int((TRANSIT_SECONDS - seconds_since_current) // 60) + 1
        raise KeyInUseError(
            f"Answers under way may be sealed under {key_id} for {minutes} more minutes: wait, or use --now."
        )
    with transaction.atomic():
        record(organisation_id=PLATFORM, actor=_SYSTEM, action="privacy.key_retired", digests={"key": key_id})
        keys.remove_key(key_id)


def _begin(to: str) -> str:
    if not keys.are_files():
        if to in {"", keys.current_key_id()}:
            return keys.current_key_id()
        raise KeySourceError(
            f"LLMASOS_KEY_ENCRYPTION_KEY_ID names {keys.current_key_id()} as current: set it to {to}, restart every "
            "process, and rotate then."
        )
    key_id = to or keys.new_key_id()
    if key_id not in keys.key_ids():
        keys.add_key(key_id)
    keys.use_key(key_id, rotating=True)
    return key_id
