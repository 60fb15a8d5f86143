from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmasos.vault import normalising


def finds(query: str, name: str) -> bool:
    wanted = normalising.name_queries(query)
    filed = normalising.name_entries(name)
    return bool(wanted) and all(alternatives & filed for alternatives in wanted)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("mul", "Müller, Anna"),
        ("Anna müller", "MÜLLER Anna"),
        ("mueller", "Müller"),
        ("müller", "Mueller"),
        ("muller", "Müller"),
        ("obrien", "Sinéad O'Brien"),
        ("o’brien", "Sinéad O'Brien"),
        ("brien", "Sinéad O'Brien"),
        ("sine", "Sinéad O'Brien"),
        ("Li", "Li Wei"),
        ("smith-jones", "Smith-Jones"),
        ("jones", "Smith-Jones"),
        ("strasse", "Straße"),
        ("lukasz", "Łukasz"),
        ("王", "王小明"),
        ("小明", "王小明"),
        ("王小明", "王小明"),
        ("约翰", "约翰·史密斯"),
        ("史密斯", "约翰·史密斯"),
        ("さくら", "さくら"),
        ("김", "김민준"),
        ("Ａｎｎａ", "Anna"),
        ("कुमार", "राज कुमार"),
        ("nguyen", "Nguyễn Văn"),
        ("søren", "Soren"),
    ],
)
def test_a_name_is_found(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("mu", "Müller"),
        ("ller", "Müller"),
        ("anna schmidt", "Anna Müller"),
        ("明王", "王小明"),
        ("王明", "王小明"),
        ("李", "王小明"),
        ("", "Anna"),
        (" -' ", "Anna"),
        ("か", "が"),
    ],
)
def test_another_name_is_not(query: str, name: str) -> None:
    assert not finds(query, name)


@given(st.text(max_size=60))
def test_a_name_finds_itself_and_each_of_its_longer_tokens(name: str) -> None:
    if normalising.name_queries(name):
        assert finds(name, name)


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = normalising.fold(text)
    assert normalising.fold(once) == once


@pytest.mark.parametrize("written", ["MRN-0042/7", "mrn 0042.7", " MRN00427 "])
def test_an_identifier_is_the_same_however_it_is_written(written: str) -> None:
    assert normalising.identifier_entries(written) == {"id:mrn00427"}


def test_an_address_keeps_its_dots() -> None:
    assert normalising.identifier_entries("Ann.Lee@Example.org") != normalising.identifier_entries("annlee@example.org")
