"""Knowledge tracing: only the past speaks, few data say little, and nothing is kept by pickle."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.evaluation.tracing import measure
from tutor.tracing import knowledge, logistic
from tutor.tracing.features import fit_difficulties, rows_of
from tutor.tracing.histories import HistoriesError, History, read_histories
from tutor.tracing.knowledge import Parameters
from tutor.tracing.mastery import fitted_parameters, mastery, review

SKILLS = ("sums", "fractions", "angles")


def learners(count: int, *, seed: int = 1) -> list[History]:
    """Learners who differ in ability and learn as they go."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        ability, known = chance.gauss(0, 0.25), dict.fromkeys(SKILLS, 0.35)
        skills, correct = [], []
        for _step in range(chance.randint(5, 30)):
            skill = chance.choice(SKILLS)
            skills.append(skill)
            correct.append(int(chance.random() < min(max(known[skill] + ability, 0.05), 0.95)))
            known[skill] = min(0.9, known[skill] + 0.08)
        found.append(History(tuple(skills), tuple(correct)))
    return found


histories = st.lists(st.tuples(st.sampled_from(SKILLS), st.integers(0, 1)), min_size=2, max_size=30).map(
    lambda steps: History(tuple(s for s, _ in steps), tuple(c for _, c in steps))
)


@given(histories, st.integers(1, 29))
def test_what_comes_later_changes_no_earlier_feature(history: History, cut: int) -> None:
    difficulties = fit_difficulties([history])
    cut = min(cut, len(history) - 1)
    other = History(history.skills, (*history.correct[:cut], *(1 - one for one in history.correct[cut:])))
    assert rows_of(history, difficulties)[: cut + 1] == rows_of(other, difficulties)[: cut + 1]


def test_the_model_tells_learners_apart_better_than_chance() -> None:
    figures = measure(learners(150), learners(60, seed=2), lambda line: None)
    assert figures["auc"] > 0.6
    assert figures["ci95"]["auc"][0] < figures["auc"] < figures["ci95"]["auc"][1]


def test_a_model_comes_back_from_its_text_unchanged() -> None:
    model = logistic.fit(learners(40))
    again = logistic.loads(model.dumps())
    unseen = learners(5, seed=3)
    assert again.probabilities(unseen).tolist() == model.probabilities(unseen).tolist()


def test_the_next_response_is_predicted_as_it_is_in_a_whole_history() -> None:
    model, history = logistic.fit(learners(40)), learners(1, seed=4)[0]
    before = History(history.skills[:-1], history.correct[:-1])
    assert model.probability(before, history.skills[-1]) == pytest.approx(model.probabilities([history])[-1])


@given(st.lists(st.integers(0, 1), max_size=20))
def test_a_right_response_never_lowers_what_is_expected(responses: list[int]) -> None:
    parameters = Parameters()
    after_right = knowledge.knowledge(parameters, [*responses, 1])
    assert after_right >= knowledge.knowledge(parameters, [*responses, 0])
    assert 0 <= knowledge.expected(parameters, responses) <= 1


def test_bayesian_tracing_finds_out_that_a_skill_is_learnt_quickly() -> None:
    quick = knowledge.fit([[0, 1, 1, 1]] * 20)
    slow = knowledge.fit([[0, 0, 0, 0, 0, 1, 1]] * 20)
    assert quick.learn > slow.learn


def test_with_too_few_responses_nothing_is_said() -> None:
    found = mastery(History(("sums", "sums"), (1, 1)), "sums")
    assert (found.basis, found.low, found.high) == ("too few", 0.0, 1.0)


def test_the_band_grows_narrower_with_more_responses() -> None:
    few = mastery(History(("sums",) * 4, (1, 0, 1, 1)), "sums")
    many = mastery(History(("sums",) * 16, (1, 0, 1, 1) * 4), "sums")
    assert few.high - few.low > many.high - many.low
    assert few.low <= few.probability <= few.high


def test_every_skill_that_occurs_gets_parameters() -> None:
    assert set(fitted_parameters(learners(10))) == set(SKILLS)


def test_a_good_answer_is_looked_at_again_later_than_a_missed_one() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    good, missed = review(None, share=1.0, at=at), review(None, share=0.0, at=at)
    assert at < missed.due_at < good.due_at
    later = review(good.card, share=1.0, at=good.due_at + timedelta(hours=1))
    assert later.due_at - good.due_at > good.due_at - at


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("2\n1,2\n", "three"),
        ("2\n1,2\n1,2\n", "0 (wrong) or 1 (right)"),
        ("3\n1,2\n1,0\n", "announced"),
        ("x\n1\n1\n", "announced"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(HistoriesError) as refused:
        read_histories(tmp_path / "log.csv")
    assert word in str(refused.value)
