from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmasos.privacy.deidentification import check_digits
from llmasos.privacy.deidentification.surrogates import Scope, masked, shifted, surrogate
from llmasos.privacy.deidentification.transforming import Replacements, Restorer, Treatment, restored, transform
from llmasos.privacy.deidentification.types import EntityType, Finding

ONE, OTHER = Scope(b"1" * 32), Scope(b"2" * 32)
TEXT = "Ann Lee wrote to Bob Ray on 2026-01-10 and 2026-01-17; Ann Lee pays by 4111 1111 1111 1111."


def findings() -> list[Finding]:
    wanted = [
        ("Ann Lee", EntityType.PERSON), ("Bob Ray", EntityType.PERSON), ("2026-01-10", EntityType.DATE),
        ("2026-01-17", EntityType.DATE), ("4111 1111 1111 1111", EntityType.CARD),
    ]  # fmt: skip
    found = []
    for value, kind in wanted:
        start = TEXT.find(value)
        while start >= 0:
            found.append(Finding(start, start + len(value), kind, 1.0, "test"))
            start = TEXT.find(value, start + 1)
    return found


def test_the_same_name_has_the_same_surrogate_and_another_has_another() -> None:
    result = transform(TEXT, findings(), treatments={}, replacements=Replacements(ONE))
    names = [piece.text for piece in result.pieces if piece.finding and piece.finding.type is EntityType.PERSON]
    assert names[0] == names[2] != names[1]
    assert "Ann" not in result.text


def test_another_scope_has_other_surrogates() -> None:
    assert surrogate(ONE, EntityType.PERSON, "Ann Lee") != surrogate(OTHER, EntityType.PERSON, "Ann Lee")


def test_intervals_between_dates_are_kept() -> None:
    first, second = (date.fromisoformat(shifted(day, ONE.days)) for day in ("2026-01-10", "2026-01-17"))
    assert (second - first).days == 7
    assert first != date(2026, 1, 10)


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2026-01-10", "2026-02-09"), ("1/10/2026", "2/9/2026"), ("2026年1月10日", "2026年2月9日"),
        ("January 10, 2026", "February 9, 2026"), ("10 Jan 2026", "9 Feb 2026"),
        ("2026-01-10 12:30:00", "2026-02-09 12:30:00"),
        ("31.12.2025", "30.01.2026"),
    ],
)  # fmt: skip
def test_a_shifted_date_keeps_its_form(day: str, moved: str) -> None:
    assert shifted(day, 30) == moved


def test_a_date_that_is_not_understood_becomes_a_mark() -> None:
    assert shifted("some day in May", 30) == "[date]"


def test_a_surrogate_of_a_card_keeps_its_form_and_is_no_card() -> None:
    made = surrogate(ONE, EntityType.CARD, "4111 1111 1111 1111")
    assert [len(group) for group in made.split()] == [4, 4, 4, 4]
    assert not check_digits.luhn(made)


@pytest.mark.parametrize(
    ("treatment", "start"),
    [(Treatment.REDACT, "[person] wrote"), (Treatment.MASK, "*** *** wrote"), (Treatment.HASH, "[person:")],
)
def test_each_treatment_shows_in_the_text(treatment: str, start: str) -> None:
    result = transform(TEXT, findings(), treatments={EntityType.PERSON: treatment}, replacements=Replacements(ONE))
    assert result.text.startswith(start)
    assert "Ann" not in result.text


def test_a_hash_is_keyed_by_its_scope() -> None:
    found = [Finding(0, 3, EntityType.PERSON, 1, "test")]
    hashes = {
        transform("Ann", found, treatments={"person": "hash"}, replacements=Replacements(scope)).text
        for scope in (ONE, OTHER)
    }
    assert len(hashes) == 2


def test_a_mask_leaves_the_last_two_of_a_long_number() -> None:
    assert masked("4111-1111") == "****-**11"
    assert masked("Lee") == "***"


def test_originals_come_back() -> None:
    result = transform(TEXT, findings(), treatments={}, replacements=Replacements(ONE))
    assert restored(result.text, result.originals) == TEXT


@given(st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=40))
def test_originals_come_back_from_a_stream_however_it_is_cut(sizes: list[int]) -> None:
    result = transform(TEXT, findings(), treatments={}, replacements=Replacements(ONE))
    restorer, shown, start = Restorer(result.originals), "", 0
    for size in sizes:
        shown += restorer.feed(result.text[start : start + size])
        start += size
    shown += restorer.feed(result.text[start:]) + restorer.end()
    assert shown == TEXT


def test_replacing_leaves_nothing_of_a_finding() -> None:
    result = transform(TEXT, findings(), treatments={}, replacements=Replacements(OTHER))
    assert not any(TEXT[one.start : one.end] in result.text for one in findings())
