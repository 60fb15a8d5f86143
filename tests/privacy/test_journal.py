from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from llmasos.audit.types import Ref
from llmasos.privacy import journal


@pytest.fixture(autouse=True)
def file(tmp_path: Path, settings: Settings) -> Path:
    settings.ERASURE_JOURNAL = tmp_path / "outside" / "erasures.jsonl"
    return tmp_path / "outside" / "erasures.jsonl"


def erasure(subject_id: UUID | None = None) -> journal.Erasure:
    return journal.Erasure(UUID(int=7), Ref("patient", subject_id or uuid4()), datetime.now(UTC))


def test_what_was_appended_is_read_in_order() -> None:
    first, second, third = erasure(), erasure(), erasure()
    assert [journal.append(each) for each in (first, second, third)] == [1, 2, 3]
    assert list(journal.read_since(1)) == [second, third]


def test_without_a_file_nothing_was_erased() -> None:
    assert list(journal.read_since()) == []
    assert journal.head() == journal.EMPTY


def test_a_line_cut_off_by_a_crash_is_replaced(file: Path) -> None:
    kept, lost, next_one = erasure(), erasure(), erasure()
    journal.append(kept)
    journal.append(lost)
    file.write_bytes(file.read_bytes()[:-20])
    assert list(journal.read_since()) == [kept]
    journal.append(next_one)
    assert list(journal.read_since()) == [kept, next_one]


def test_a_changed_or_removed_line_is_noticed(file: Path) -> None:
    for _ in range(3):
        journal.append(erasure())
    lines = file.read_bytes().splitlines(keepends=True)
    changed = json.loads(lines[1]) | {"subject": str(uuid4())}
    for altered in ([lines[0], lines[2]], [lines[0], json.dumps(changed).encode() + b"\n", lines[2]], [b"x\n"]):
        file.write_bytes(b"".join(altered))
        with pytest.raises(journal.JournalError):
            list(journal.read_since())


def test_a_journal_continues_its_own_past_and_nobody_elses(file: Path) -> None:
    journal.append(erasure())
    earlier = journal.head()
    journal.append(erasure())
    assert journal.continues(earlier)
    file.unlink()
    journal.append(erasure())
    assert not journal.continues(earlier)


def test_writers_at_once_leave_a_journal_without_gap() -> None:
    with ThreadPoolExecutor(4) as pool:
        positions = sorted(pool.map(lambda _: journal.append(erasure()), range(40)))
    assert positions == list(range(1, 41))
    assert len(list(journal.read_since())) == 40
