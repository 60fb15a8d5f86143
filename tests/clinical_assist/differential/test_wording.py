"""Names in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from django.utils import translation

from clinical_assist.knowledge.reading import starter
from clinical_assist.knowledge.wording import asked, names_in, said


def test_every_name_of_the_starter_is_in_chinese() -> None:
    knowledge = starter()
    names = [one.name for one in knowledge.conditions]
    names += [one.name for one in knowledge.findings.values()]
    names += [one.name for one in knowledge.red_flags]
    assert set(names) - names_in("zh-hans").keys() == set()


def test_a_question_is_asked_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert asked(starter().findings["cough"]) == "是否有：咳嗽？"
    assert asked(starter().findings["cough"]) == "Is there a cough?"


def test_another_base_keeps_its_own_names() -> None:
    with translation.override("zh-hans"):
        assert said(replace(starter().findings["cough"], name="Tussis")) == "Tussis"
