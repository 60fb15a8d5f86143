"""What lies in the data folder, as the page of storage lists it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from llmasos.console.storage import queries


def test_backups_are_listed_whatever_their_name_and_drafts_are_not(tmp_path: Path, settings: Settings) -> None:
    settings.VAR = tmp_path
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("2026-05-04", "before-update-20260504T000000Z.tar", ".2026-05-05.part"):
        (folder / name).write_bytes(b"x")
    found = {Path(backup.path).name: backup.by_update for backup in queries.backups()}
    assert found == {"2026-05-04": False, "before-update-20260504T000000Z.tar": True}


@pytest.mark.django_db
def test_where_the_log_knows_of_no_backup_nobody_claims_one() -> None:
    assert queries.last_backup() is None
