from __future__ import annotations

import pytest

from tests.support_bot.conftest import Widget


@pytest.mark.django_db
def test_no_answer_of_the_widget_sets_a_cookie(widget: Widget) -> None:
    asked = widget.ask("What does delivery cost?")
    answer = asked.json()["answer"]  # type: ignore[attr-defined]
    answers = [
        asked,
        widget.post("session"),
        widget.get(""),
        widget.get("conversation"),
        widget.post("retry", {"message": answer["id"]}),
        widget.post(f"runs/{answer['run']}/cancel"),
        widget.post(f"messages/{answer['id']}/feedback", {"value": 1}),
        widget.get("messages"),
    ]
    assert [list(one.cookies) for one in answers] == [[]] * len(answers)
