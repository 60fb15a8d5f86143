"""The learner's pages under /o/<organisation>/tutor/work/."""

from __future__ import annotations

from tutor.work.views.answering import attempt, save_answer
from tutor.work.views.files import file, remove_file, upload
from tutor.work.views.handing_in import hand_in, receipt
from tutor.work.views.overview import assignment, my_work, start

__all__ = [
    "assignment",
    "attempt",
    "file",
    "hand_in",
    "my_work",
    "receipt",
    "remove_file",
    "save_answer",
    "start",
    "upload",
]
