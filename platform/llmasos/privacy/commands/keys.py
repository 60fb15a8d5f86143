"""`manage.py privacy keys ...`: which key-encryption keys there are, and copies of them to keep apart."""

from __future__ import annotations

import base64
import contextlib
import getpass
import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, transaction
from django.utils import timezone

from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor
from llmasos.privacy import key_rotation
from llmasos.privacy.errors import PrivacyError
from llmasos.vault import keycopies, keys, passphrases
from llmasos.vault.errors import VaultError

HELP = "List, export, import, make or retire key-encryption keys."


def add_arguments(parser: ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", required=True)
    whats.add_parser("list", help="The keys, and how much is sealed under each.")
    exporting = whats.add_parser("export", help="Write all keys into a file closed by a passphrase, to keep apart.")
    exporting.add_argument("file", type=Path)
    importing = whats.add_parser("import", help="Bring keys back from such a file; none that is here is replaced.")
    importing.add_argument("file", type=Path)
    making = whats.add_parser("new", help="Make a key without using it: for settings, or to hand it out first.")
    making.add_argument("name", nargs="?", default="")
    retiring = whats.add_parser("retire", help="Remove a key that nothing is sealed under any more.")
    retiring.add_argument("name")
    retiring.add_argument("--now", action="store_true", help="do not wait for answers that are under way")
    for closed in (exporting, importing):
        closed.add_argument(
            "--passphrase-file", type=Path, metavar="FILE", help="its first line; otherwise you are asked"
        )
    for each in whats.choices.values():
        each.add_argument("--json", action="store_true", help="Print one JSON object.")


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    try:
        answer, lines = _ACTIONS[options["what"]](options)
    except (PrivacyError, VaultError) as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}.") from None
    command.stdout.write(json.dumps(answer) if options["json"] else "\n".join(lines))


def read_passphrase(file: Path | None, *, new: bool) -> str:
    """Return the first line of a file, or what somebody types; twice and long enough where it is a new one.

    Raises:
        CommandError: it is too short, was typed differently, or nobody can be asked.
    """
    if file is not None:
        passphrase = (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    elif sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase: ")
        if new and getpass.getpass("Once more: ") != passphrase:
            raise CommandError("The two passphrases differ.")
    else:
        raise CommandError("There is nobody to ask for the passphrase: give --passphrase-file.")
    if new and len(passphrase) < passphrases.SHORTEST:
        raise CommandError(f"A passphrase has at least {passphrases.SHORTEST} characters.")
    return passphrase


def _list(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    found = key_rotation.known_keys()
    answer = {
        "source": "files" if keys.are_files() else "environment",
        "rotating": keys.is_rotating(),
        "keys": [
            {
                "id": key.id,
                "current": key.current,
                "present": key.present,
                "subject_keys": key.use.subject_keys,
                "values": key.use.values,
            }
            for key in found
        ],
    }
    width = max(len(key.id) for key in found)
    lines = [
        f"{key.id:<{width}}  {key.use.subject_keys} subjects' keys, {key.use.values} values"
        f"{', current' if key.current else ''}{'' if key.present else ', MISSING: import it'}"
        for key in found
    ]
    return answer, lines


def _export(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    passphrase = read_passphrase(options["passphrase_file"], new=True)
    held = {key_id: keys.key_encryption_key(key_id) for key_id in keys.key_ids()}
    content = keycopies.write_copy(held, current=keys.current_key_id(), passphrase=passphrase)
    # No record, no copy: the entry is written in the transaction that the file is written in.
    with transaction.atomic():
        _record("privacy.keys_exported", keys=len(held))
        descriptor = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    line = f"{options['file']}: {', '.join(held)}. Keep it and its passphrase apart from backups of the data."
    return {"file": str(options["file"]), "keys": list(held)}, [line]


def _import(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    content = options["file"].read_bytes()
    found, current = keycopies.read_copy(content, passphrase=read_passphrase(options["passphrase_file"], new=False))
    # Into a system without keys the copy's own current key is taken over: nothing is sealed under another yet.
    bare = keys.are_files() and not keys.exist()
    for key_id, key in found.items():
        keys.add_key(key_id, key=key)
    if bare:
        keys.use_key(current, rotating=False)
    # Into a system whose database is still to be restored keys come first.
    with contextlib.suppress(OperationalError, ProgrammingError):
        _record("privacy.keys_imported", keys=len(found))
    return {"keys": list(found), "current": keys.current_key_id()}, [f"imported {', '.join(found)}"]


def _new(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    key_id = options["name"] or keys.new_key_id()
    if keys.are_files():
        keys.add_key(key_id)
        return {"key": key_id, "setting": ""}, [f"{key_id} is made; `privacy rotate-keys --to {key_id}` uses it"]
    setting = f"{key_id}:{base64.urlsafe_b64encode(keys.new_material(key_id)).decode()}"
    return {"key": key_id, "setting": setting}, [f"add this to LLMASOS_KEY_ENCRYPTION_KEYS: {setting}"]


def _retire(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    since = keys.current_since()
    waited = None if options["now"] or since is None else (timezone.now() - since).total_seconds()
    key_rotation.retire(options["name"], seconds_since_current=waited)
    line = f"{options['name']} is removed. Backups from before the rotation open only with a copy of it: destroy those."
    return {"retired": options["name"]}, [line]


def _record(action: str, **digests: int) -> None:
    with transaction.atomic():
        record(organisation_id=PLATFORM, actor=Actor("system"), action=action, digests=digests)


_ACTIONS = {"list": _list, "export": _export, "import": _import, "new": _new, "retire": _retire}
