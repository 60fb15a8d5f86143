from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def outside(settings: Settings, tmp_path: Path) -> Path:
    """The folder outside the database that checkpoints go to; the key lies beside it."""
    settings.CHECKPOINT_FOLDER = tmp_path / "outside"
    settings.CHECKPOINT_KEY_FOLDER = tmp_path / "key"
    settings.CHECKPOINT_STORES = []
    return tmp_path / "outside"
