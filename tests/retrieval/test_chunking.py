from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from llmasos.inference.catalogue import DEFAULT_EMBEDDING, path_of
from llmasos.retrieval import chunking
from llmasos.retrieval.parsing.types import Section
from llmasos.retrieval.tokens import TokenCounter

LIMIT = 254
WORDS = st.sampled_from(
    ["return", "shoes", "thirty", "days", "发货", "退款。", "x" * 90, "Ünïcode", "end.", "\n", "1,299.00"]
)
TEXTS = st.one_of(st.text(max_size=600), st.lists(WORDS, max_size=900).map(" ".join))
HEADINGS = st.lists(st.sampled_from(["Delivery", "Costs", "退货"]), max_size=3).map(tuple)
SECTIONS = st.lists(st.builds(Section, text=TEXTS, heading_path=HEADINGS), max_size=4)


@pytest.fixture(scope="module")
def counter() -> TokenCounter:
    tokenizer = Tokenizer.from_file(str(path_of(DEFAULT_EMBEDDING[1]) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return TokenCounter(tokenizer, LIMIT)


def visible(text: str) -> str:
    return re.sub(r"\s+", "", text)


@settings(deadline=None, max_examples=60)
@given(sections=SECTIONS)
def test_no_text_is_lost_or_said_twice(counter: TokenCounter, sections: list[Section]) -> None:
    passages = chunking.passages(title="Handbook", sections=sections, counter=counter)

    said = "".join(
        f"{section.heading_path[-1]}{section.text}" if section.heading_path else section.text for section in sections
    )
    assert visible("".join(passage.text for passage in passages)) == visible(said)


@settings(deadline=None, max_examples=60)
@given(title=st.text(max_size=300), sections=SECTIONS)
def test_the_model_reads_every_passage_whole(counter: TokenCounter, title: str, sections: list[Section]) -> None:
    for passage in chunking.passages(title=title, sections=sections, counter=counter):
        assert counter.count(passage.embedded_text) <= LIMIT


@settings(deadline=None, max_examples=40)
@given(text=TEXTS)
def test_windows_hold_the_whole_query(counter: TokenCounter, text: str) -> None:
    assert visible("".join(chunking.windows(text, counter=counter))) == visible(text)


def test_a_heading_stays_with_what_it_heads(counter: TokenCounter) -> None:
    sections = [Section("word " * 215, ("First",)), Section("Costs are four euros.", ("Costs",))]

    passages = chunking.passages(title="", sections=sections, counter=counter)

    assert passages[1].text == "Costs\nCosts are four euros."


def test_a_passage_is_embedded_with_title_and_headings(counter: TokenCounter) -> None:
    sections = [Section("Two years.", ("Rights", "Warranty"))]

    (passage,) = chunking.passages(title="Lamps", sections=sections, counter=counter)

    assert passage.embedded_text == "Lamps\nRights\nWarranty\nTwo years."
