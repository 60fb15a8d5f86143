"""The model that comes with the project can be used with the libraries that are locked."""

from __future__ import annotations

from tutor.engine import models


def test_it_loads_and_knows_two_verdicts() -> None:
    model = models.default()
    assert model.outcomes == ("correct", "incorrect")
    assert model.digest in (models.PACKAGED.parent / "README.md").read_text(encoding="utf-8")
