"""The audit log: its checkpoints, and where its entries go besides."""

from __future__ import annotations

from pathlib import Path

from llmasos.runtime import locations
from llmasos.settings.environment import VAR, env

# The private key's folder, which only the checkpoint process may read, and where its checkpoints go first.
CHECKPOINT_KEY_FOLDER = locations.checkpoint_key_folder(VAR)
CHECKPOINT_FOLDER = Path(env.str("LLMASOS_CHECKPOINT_FOLDER", "") or VAR / "checkpoints")
# More places for them: folders, mailboxes, object stores, witnesses; separated by spaces.
CHECKPOINT_STORES: list[str] = env.str("LLMASOS_CHECKPOINT_STORES", "").split()
# One is made after so many entries, or when an entry has waited so long.
CHECKPOINT_ENTRIES: int = env.int("LLMASOS_CHECKPOINT_ENTRIES", 500)
CHECKPOINT_SECONDS: float = env.float("LLMASOS_CHECKPOINT_SECONDS", 60.0)

# Where the log's entries are forwarded to, separated by spaces: syslog+tls://host:6514, https://collector/path ...
AUDIT_FORWARD_TO: list[str] = env.str("LLMASOS_AUDIT_FORWARD_TO", "").split()
AUDIT_FORWARD_TOKEN: str = env.str("LLMASOS_AUDIT_FORWARD_TOKEN", "")
