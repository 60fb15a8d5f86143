from __future__ import annotations

import math
from dataclasses import replace

import pytest

from clinical_assist.differential import calibration
from clinical_assist.differential.asking import Interviewer
from clinical_assist.differential.model import Model, Person
from clinical_assist.knowledge.reading import starter
from clinical_assist.knowledge.types import Calibration
from tests.clinical_assist.differential.bases import document, knowledge


def test_without_findings_the_chances_are_the_frequencies() -> None:
    assessment = Model(knowledge()).assess(Person(), {})
    assert [(option.condition, round(option.chance, 3)) for option in assessment.options] == [
        ("cold", 0.556),
        ("flu", 0.278),
        ("eczema", 0.167),
    ]


def test_a_finding_contributes_the_logarithm_of_its_likelihood_ratio() -> None:
    flu = _option(Model(knowledge()), {"cough": True}, "flu")
    assert flu.supporting[0].weight == pytest.approx(math.log((0.95 * 0.8 + 0.05 * 0.1) / 0.1))


def test_an_absent_finding_speaks_against_and_a_finding_not_asked_does_not_speak() -> None:
    flu = _option(Model(knowledge()), {"fever": False}, "flu")
    assert [one.finding for one in flu.opposing] == ["fever"]
    assert "cough" in flu.not_asked


def test_what_cannot_be_any_more_is_not_called_not_asked() -> None:
    base = document()
    lasting = {name: {"name": name, "background": 0.1, "choice": "lasting"} for name in ("days", "months")}
    base["conditions"]["cold"]["findings"] = "cough=0.6 dry_cough=0.3 days=0.9 months=0.05"
    model = Model(knowledge(findings=base["findings"] | lasting, conditions=base["conditions"]))
    assert "months" in _option(model, {"fever": True}, "cold").not_asked
    assert "months" not in _option(model, {"days": True}, "cold").not_asked
    assert "dry_cough" not in _option(model, {"cough": False}, "cold").not_asked


def test_a_finding_within_another_is_not_counted_twice() -> None:
    model = Model(knowledge())
    evidence = model.close({"dry_cough": True})
    assert dict(evidence.states) == {"dry_cough": True, "cough": True}
    assert model.contributions(evidence)["dry_cough"][model.columns["flu"]] == pytest.approx(0, abs=0.05)


def test_what_lies_within_an_absent_finding_says_nothing_more() -> None:
    assert dict(Model(knowledge()).close({"cough": False, "dry_cough": False}).states) == {"cough": False}


def test_findings_of_one_family_share_weight() -> None:
    model = Model(knowledge())
    alone = model.contributions(model.close({"fever": True}))["fever"]
    together = model.contributions(model.close({"fever": True, "chills": True}))["fever"]
    assert together == pytest.approx(alone / math.sqrt(2))


def test_what_fits_nothing_is_outside() -> None:
    model = Model(replace(knowledge(), calibration=Calibration(least_fit=0.3)))
    assert model.assess(Person(), {"odd": True}).outside
    assert not model.assess(Person(), {"rash": True}).outside


def test_age_and_sex_change_the_chances() -> None:
    conditions = document()["conditions"]
    conditions["flu"]["sexes"] = [0, 2]
    model = Model(knowledge(conditions=conditions))
    assert _option(model, {}, "flu", Person(40, "male")).chance < 0.001
    assert _option(model, {}, "flu", Person(40, "female")).chance > 0.4


def test_the_next_question_is_the_one_that_tells_most() -> None:
    model = Model(knowledge())
    question = Interviewer(model).next(Person(), model.close({"cough": True}))[0]
    assert question.finding == "fever"


def test_a_question_without_an_answer_is_not_asked_again() -> None:
    model = Model(knowledge())
    evidence = model.close({"cough": True})
    assert all(one.finding != "fever" for one in Interviewer(model).next(Person(), evidence, skip={"fever"}, count=9))


def test_must_not_miss_conditions_draw_questions() -> None:
    model = Model(knowledge())
    questions = {one.finding: one.gain for one in Interviewer(model).next(Person(), model.close({}), count=9)}
    conditions = document()["conditions"]
    conditions["eczema"]["must_not_miss"] = False
    plain = Model(knowledge(conditions=conditions))
    calm = {one.finding: one.gain for one in Interviewer(plain).next(Person(), plain.close({}), count=9)}
    assert questions["rash"] > calm["rash"]


def test_calibration_of_the_same_base_is_the_same() -> None:
    assert calibration.fit(knowledge(), cases=60) == calibration.fit(knowledge(), cases=60)


def test_the_starter_ranks_a_heart_attack_first_and_counts_every_reason() -> None:
    model = Model(starter())
    assessment = model.assess(Person(54, "male"), {"crushing": True, "sweating": True, "fever": False})
    best = assessment.options[0]
    assert best.condition == "acute_coronary_syndrome"
    assert {one.finding for one in (*best.supporting, *best.opposing)} == {
        "crushing",
        "chest_pain",
        "sweating",
        "fever",
    }


def _option(model: Model, findings: dict[str, bool], code: str, person: Person | None = None):  # type: ignore[no-untyped-def]
    assessment = model.assess(person or Person(), findings)
    return next(option for option in assessment.options if option.condition == code)
