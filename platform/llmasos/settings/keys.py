"""Secrets and keys, and the journal of what was erased."""

from __future__ import annotations

import base64
from pathlib import Path

from llmasos.runtime import locations
from llmasos.settings.environment import VAR, env

SECRET_KEY: str = env.str("SECRET_KEY", "") or locations.secret("django_secret_key", var=VAR)


def key_bytes(text: str) -> bytes:
    """Decode URL-safe base64, padded or not."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# New data is sealed under KEY_ENCRYPTION_KEY_ID (the first where it is not given); all listed keys still open what was
# sealed under them. Without any, keys are files in KEY_ENCRYPTION_FOLDER, which the platform makes and rotates.
KEY_ENCRYPTION_KEYS: dict[str, bytes] = {
    name: key_bytes(value)
    for name, _separator, value in (
        pair.partition(":") for pair in env.str("LLMASOS_KEY_ENCRYPTION_KEYS", "").split(",") if pair
    )
}
KEY_ENCRYPTION_KEY_ID: str = env.str("LLMASOS_KEY_ENCRYPTION_KEY_ID", "")
KEY_ENCRYPTION_FOLDER = Path(
    env.str("LLMASOS_KEY_ENCRYPTION_FOLDER", "") or locations.secrets_folder(VAR) / "key_encryption_keys"
)
# A class that wraps and opens the keys above (KMS); an opened one is asked for again after the seconds.
KEY_SERVICE: str = env.str("LLMASOS_KEY_SERVICE", "")
KEY_SERVICE_URL: str = env.str("LLMASOS_KEY_SERVICE_URL", "")
KEY_SERVICE_KEY: str = env.str("LLMASOS_KEY_SERVICE_KEY", "")
KEY_SERVICE_TOKEN: str = env.str("LLMASOS_KEY_SERVICE_TOKEN", "")
KEY_CACHE_SECONDS: int = env.int("LLMASOS_KEY_CACHE_SECONDS", 300)

# The journal of erasures, outside the database: what was erased after a backup is erased again on restore.
ERASURE_JOURNAL = Path(env.str("LLMASOS_ERASURE_JOURNAL", "") or VAR / "journal" / "erasures.jsonl")
