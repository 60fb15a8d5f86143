from __future__ import annotations

from llmasos.answering import quoting

HANDBOOK = (
    "## Returns\nUnopened items may be returned within 30 days of delivery.\nThe parcel must carry the label.",
    "How do I pay?\nCards and bank transfer are accepted in every shop.",
)


def test_a_quotation_is_an_exact_slice_of_its_passage() -> None:
    found = quoting.candidates("May items be returned within 30 days?", HANDBOOK)
    for one in quoting.choose(found, [one.coverage for one in found]):
        assert one.text in HANDBOOK[one.passage]


def test_the_sentence_nearest_to_the_question_comes_first() -> None:
    found = quoting.candidates("May unopened items be returned?", HANDBOOK)
    chosen = quoting.choose(found, [one.coverage for one in found])
    assert chosen[0].text == "Unopened items may be returned within 30 days of delivery."


def test_the_answer_below_a_like_question_is_quoted_and_not_the_question() -> None:
    found = quoting.candidates("How do I pay?", [HANDBOOK[1]])
    chosen = quoting.choose(found, [0.95 if one.text.endswith("?") else 0.3 for one in found])
    assert [one.text for one in chosen] == ["Cards and bank transfer are accepted in every shop."]


def test_a_heading_is_not_quoted() -> None:
    found = quoting.candidates("Returns", [HANDBOOK[0]])
    assert all(not one.text.startswith("#") for one in quoting.choose(found, [1.0] * len(found)))


def test_nothing_is_quoted_from_nothing() -> None:
    assert quoting.choose(quoting.candidates("What?", []), []) == []


def test_the_answer_below_a_title_that_asks_the_same_is_quoted() -> None:
    found = quoting.candidates(
        "How long can I return a tent?",
        ["60 days, unused. Bring the receipt.", "Never pack a tent away damp for longer than 24 hours."],
        ["How long do I have to return something?", "Tents"],
    )
    near = {"How long do I have to return something?": 0.7, "60 days, unused.": 0.1, "Bring the receipt.": 0.2}
    chosen = quoting.choose(found, [near.get(one.text, 0.45) for one in found])
    assert chosen[0].text == "60 days, unused."


def test_a_title_is_never_quoted_itself() -> None:
    found = quoting.candidates("Are you open on Sundays?", ["Yes, from noon."], ["Are you open on Sundays?"])
    assert [one.text for one in quoting.choose(found, [1.0] * len(found))] == ["Yes, from noon."]
