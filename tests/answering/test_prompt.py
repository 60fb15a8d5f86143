from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmasos.answering import prompt
from llmasos.answering.prompt import Source

LONG = "Every parcel is weighed at the counter and costs more when it is heavy. " * 80


@given(st.text(max_size=3000), st.lists(st.text(max_size=3000), max_size=5), st.text(max_size=3000))
def test_a_prompt_stays_within_500_tokens(question: str, passages: list[str], earlier: str) -> None:
    sources = [Source(n, text) for n, text in enumerate(passages, start=1)]
    assert prompt.prompt_bound(prompt.build(question, sources, earlier=earlier)) <= prompt.TOKENS


def test_long_passages_stay_within_500_tokens_in_both_languages() -> None:
    chinese = "每个包裹都会在柜台称重，超重的包裹需要额外付费。" * 80
    for language, text in (("en", LONG), ("zh-hans", chinese)):
        built = prompt.build(text, [Source(n, text) for n in (1, 2, 3)], earlier=text, language=language)
        assert prompt.prompt_bound(built) <= prompt.TOKENS


def test_passages_keep_their_numbers() -> None:
    (_, user) = prompt.build("Where?", [Source(1, "The shop is in Oslo."), Source(2, "The desk is in Bergen.")])
    assert '<passage n="1">\nThe shop is in Oslo.' in user.content
    assert '<passage n="2">\nThe desk is in Bergen.' in user.content


def test_an_excerpt_is_taken_around_the_nearest_sentence() -> None:
    text = " ".join(f"Sentence number {n} says something of its own." for n in range(40))
    taken = prompt.excerpt(text, nearest=20, tokens=60)
    assert "number 20" in taken
    assert "number 0 " not in taken
    assert taken in text


def test_a_follow_up_brings_the_question_before_it() -> None:
    (_, user) = prompt.build("And abroad?", [Source(1, "Parcels abroad take a week.")], earlier="How long by post?")
    assert user.content.index("How long by post?") < user.content.index("And abroad?")
