from __future__ import annotations

from tests.tutor.learning.conftest import compute, marked, skill
from tests.tutor.marking.conftest import log
from tests.tutor.practice.conftest import answer, exercise

__all__ = ["answer", "compute", "exercise", "log", "marked", "skill"]
