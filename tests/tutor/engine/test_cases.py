from __future__ import annotations

import json
from pathlib import Path

from tutor.evaluation import cases


def test_a_line_with_a_score_is_scored_whatever_its_label_is_called(tmp_path: Path) -> None:
    rows = [
        {"question_id": "q", "answer": "One.", "label": "partially correct", "score": 0.5, "max_score": 1},
        {"question_id": "q", "answer": "Two.", "label": "correct", "score": 1, "max_score": 1},
    ]
    (tmp_path / "scores.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (found,) = cases.read(tmp_path / "scores.jsonl")
    assert (found.scores, found.has_labels, found.scale) == ((0.5, 1.0), False, 1.0)
