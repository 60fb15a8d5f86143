#!/usr/bin/env python3
"""Make the secrets that deploy/compose.yaml reads, each in a file of its own. Existing files stay as they are."""

from __future__ import annotations

import argparse
import base64
import os
import secrets
from pathlib import Path


def contents(present: dict[str, str]) -> dict[str, str]:
    """Return every secret by name; those that exist are kept, and the addresses follow from them."""

    def kept(name: str, made: str) -> str:
        return present.get(name, made)

    postgres = kept("postgres_password", secrets.token_urlsafe(32))
    owner = kept("database_owner_password", secrets.token_urlsafe(32))
    app = kept("database_app_password", secrets.token_urlsafe(32))
    valkey = secrets.token_urlsafe(32)
    rules = f"requirepass {valkey}\nappendonly yes\nappendfsync everysec\nmaxmemory-policy noeviction\ndir /data\n"
    config = kept("valkey_config", rules)
    valkey = config.splitlines()[0].removeprefix("requirepass ")
    return {
        "secret_key": kept("secret_key", secrets.token_urlsafe(48)),
        "key_encryption_keys": kept(
            "key_encryption_keys", "k1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        ),
        "metrics_token": kept("metrics_token", secrets.token_urlsafe(32)),
        "postgres_password": postgres,
        "database_owner_password": owner,
        "database_app_password": app,
        "database_owner_url": f"postgresql://llmasos_owner:{owner}@postgres:5432/llmasos",
        "database_url": f"postgresql://llmasos_app:{app}@postgres:5432/llmasos",
        "valkey_config": config,
        "redis_url": f"redis://:{valkey}@valkey:6379/0",
    }


def write(folder: Path) -> list[str]:
    """Write what is missing and return its names. The folder is private to its owner; the files in it are
    readable, because a container's user is somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir() if path.is_file()}
    made = []
    for name, text in contents(present).items():
        if name not in present:
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
            made.append(name)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent / "secrets")
    folder = parser.parse_args().folder
    made = write(folder)
    print(f"{folder}: made {', '.join(made)}" if made else f"{folder}: nothing was missing")
    print("Keep a copy of key_encryption_keys in another place: without it encrypted fields cannot be read again.")


if __name__ == "__main__":
    main()
