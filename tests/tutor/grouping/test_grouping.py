"""Groups of alike answers, and a few marks carried over to many."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmasos.retrieval.evaluators import EvaluationError
from tutor.engine.types import Response
from tutor.evaluation.groups import measure, read_cases
from tutor.grouping import Propagation, group
from tutor.grouping.similarity import normalised

RIGHT = ["evaporation", "it evaporates", "The water evaporates.", "water evaporates", "evaporated into vapour"]
WRONG = ["drunk by a dog", "a dog drank it", "the dog drank the water", "dogs", "drank by dogs"]


def embed(texts: Sequence[str]) -> np.ndarray:
    """A bag of hashed words: crude, but alike texts get alike vectors."""
    vectors = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.casefold().split():
            vectors[row, int(hashlib.sha256(word[:4].encode()).hexdigest(), 16) % 64] += 1
    return vectors


def responses(texts: Sequence[str]) -> list[Response]:
    return [Response(str(number), text) for number, text in enumerate(texts)]


def test_case_accents_punctuation_and_articles_make_no_other_answer() -> None:
    assert normalised("The Écluse!") == normalised("ecluse")
    assert normalised("The") == "the"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*RIGHT, *WRONG, "", "?"]), max_size=30), st.integers(1, 8))
def test_every_answer_is_in_exactly_one_group(texts: list[str], count: int) -> None:
    found = group(responses(texts), embed=embed, count=count).groups
    members = [name for one in found for name in one.member_ids]
    assert sorted(members) == sorted(str(number) for number in range(len(texts)))
    assert len(found) <= count
    assert all(one.exemplar_id in one.member_ids and set(one.odd_ids) <= set(one.member_ids) for one in found)
    assert all(0 <= one.purity <= 1 for one in found)


def test_equal_answers_are_never_parted() -> None:
    found = group(responses(["Water!", "water", "the water", "fire", "Fire"]), embed=embed, count=2).groups
    assert [set(one.member_ids) for one in found] == [{"0", "1", "2"}, {"3", "4"}]


def test_answers_that_say_the_same_come_together() -> None:
    found = group(responses([*RIGHT, *WRONG]), embed=embed, count=2).groups
    assert {frozenset(one.member_ids) for one in found} == {
        frozenset(str(number) for number in range(5)),
        frozenset(str(number) for number in range(5, 10)),
    }


def test_what_an_answer_repeats_of_the_question_puts_it_in_no_other_group() -> None:
    prompt = "Why does the big puddle in the street vanish on a warm day?"
    repeated = "the big puddle in the street does vanish on a warm day:"
    texts = ["evaporates", f"{repeated} evaporates", "dog drank", f"{repeated} dog drank"]
    found = group(responses(texts), embed=embed, count=2, prompt=prompt).groups
    assert {one.member_ids for one in found} == {("0", "1"), ("2", "3")}


def test_a_stray_answer_is_named_as_odd() -> None:
    texts = ["evaporation"] * 6 + ["evaporating"] * 5 + ["purple elephant"]
    (only,) = group(responses(texts), embed=embed, count=1).groups
    assert only.odd_ids == ("11",)


def test_two_marks_settle_two_ways_of_answering() -> None:
    space = Propagation(responses(RIGHT * 4 + WRONG * 4), embed=embed, references=["The water evaporated."])
    truth = {str(n): "correct" if n < 20 else "incorrect" for n in range(40)}
    for _ in range(2):
        asked = space.next()
        assert asked is not None
        space.mark(asked, truth[asked])
    assert space.marks() == truth


def test_a_persons_mark_stands_whatever_the_others_say() -> None:
    space = Propagation(responses([*RIGHT]), embed=embed)
    for number, mark in enumerate(("correct", "correct", "correct", "correct", "incorrect")):
        space.mark(str(number), mark)
    assert space.marks()["4"] == "incorrect"
    assert space.next() is None


def test_without_a_mark_nothing_is_said() -> None:
    assert Propagation(responses(RIGHT), embed=embed).marks() == {}


def lines(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def rows(texts: Sequence[str], label: str) -> list[dict[str, object]]:
    return [{"question_id": "q", "references": ["it evaporates"], "answer": text, "label": label} for text in texts]


def test_the_figures_count_every_answer_and_name_the_worst_question(tmp_path: Path) -> None:
    cases = read_cases(lines(tmp_path / "cases", rows(RIGHT * 3, "correct") + rows(WRONG * 3, "incorrect")))
    figures = measure(cases, 4, embed=embed, progress=lambda line: None)
    assert (figures["n"], figures["questions"], figures["actions"]) == (30, 1, 4)
    assert figures["accuracy"] == figures["worst_question"] == 1.0


def test_labels_that_were_not_asked_for_change_no_prediction(tmp_path: Path) -> None:
    answers = responses(RIGHT + WRONG)
    space = Propagation(answers, embed=embed)
    asked = space.next()
    assert asked is not None
    space.mark(asked, "correct")
    assert set(space.marks().values()) == {"correct"}


@pytest.mark.parametrize("row", [{"answer": "a", "label": "correct"}, {"question_id": "q", "answer": "a"}, ["x"]])
def test_a_line_without_what_is_needed_is_named(tmp_path: Path, row: object) -> None:
    path = tmp_path / "cases"
    path.write_text(json.dumps(row))
    with pytest.raises(EvaluationError, match="line 1"):
        read_cases(path)
