from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clinical_assist.ordersets import reading
from clinical_assist.ordersets.types import OrderSetError, OrderSets

COMMON = (
    "pneumonia", "cystitis", "hypertension", "type2_diabetes", "asthma", "copd", "heart_failure", "atrial_fibrillation",
    "dvt", "pulmonary_embolism", "migraine", "gastroenteritis", "gerd", "cellulitis", "strep_pharyngitis",
    "otitis_media", "acute_sinusitis", "low_back_pain", "gout", "depression", "gad", "hypothyroidism",
    "iron_deficiency", "vertebral_fracture", "stable_angina", "tia", "urticaria", "allergic_rhinitis", "eczema",
    "epididymitis", "bppv",
)  # fmt: skip


def _document(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": "own",
        "version": "1",
        "sources": {"book": "A book"},
        "order_sets": {"chest": {"name": "Chest", "conditions": "pneumonia", "source": "book", "lines": [line]}},
    }


def test_the_starter_covers_what_primary_care_sees_most() -> None:
    found = reading.starter()
    assert [code for code in COMMON if not found.of_condition(code)] == []


def test_every_line_of_the_starter_names_its_work() -> None:
    found = reading.starter()
    assert all(found.sources[line.source] for one in found.sets.values() for line in one.lines)


def test_antibiotics_of_the_starter_have_an_alternative_in_penicillin_allergy() -> None:
    for one in reading.starter().sets.values():
        choices = {line.choice for line in one.lines if line.medicine and line.medicine.is_a("penicillin")}
        for choice in choices - {""}:
            grown = [line for line in one.lines if line.choice == choice and line.medicine and not line.by_weight]
            assert not grown or any(not line.medicine.is_a("penicillin") for line in grown if line.medicine), one.code


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"medicine": "amoxicilin 500 mg twice a day", "why": "It works."}, "Did you mean: amoxicillin"),
        ({"medicine": "amoxicillin 5 g three times a day", "why": "It works."}, "more than the usual most"),
        ({"medicine": "amoxicillin 500 mg", "why": "It works."}, "How often"),
        ({"medicine": "amoxicillin", "mg_per_kg_day": 400, "times_a_day": 2, "under_age": 12, "why": "It works."},
         "mg per kg a day"),
        ({"test": "X-ray"}, "says why"),
        ({"test": "X-ray", "why": "It shows.", "for": "gout"}, "no condition of its set"),
        ({"test": "X-ray", "why": "It shows.", "source": "rumour"}, "rumour is not defined"),
        ({"test": "X-ray", "advice": "Rest", "why": "It shows."}, "exactly one of"),
        ({"advice": "Rest", "dosage": 3}, "dosage is not known"),
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_is_named(line: dict[str, Any], said: str) -> None:
    with pytest.raises(OrderSetError, match="chest:1") as error:
        reading.build(_document(line))
    assert said in str(error.value)


def test_the_digest_changes_with_the_content() -> None:
    first = reading.build(_document({"advice": "Rest"}))
    second = reading.build(_document({"advice": "Move"}))
    assert first.digest != second.digest


@pytest.mark.parametrize(("weight", "dose"), [(14.0, 560.0), (13.9, 550.0), (80.0, 1500.0)])
def test_a_dose_by_weight_is_never_rounded_up_and_stays_under_the_grown_persons(weight: float, dose: float) -> None:
    line = next(one for one in reading.starter().sets["otitis_media"].lines if one.by_weight and one.choice)
    assert line.by_weight is not None
    assert line.by_weight.order(weight).dose == pytest.approx(dose)


def test_the_command_lists_shows_and_checks() -> None:
    out = StringIO()
    call_command("clinical", "ordersets", "check", "--json", stdout=out)
    assert json.loads(out.getvalue())["sets"] >= 30
    out = StringIO()
    call_command("clinical", "ordersets", "show", "gout", "--json", stdout=out)
    assert "colchicine" in out.getvalue()
    with pytest.raises(CommandError, match="no order set 'moonstroke'"):
        call_command("clinical", "ordersets", "show", "moonstroke")


def _from_file(content: bytes, *conditions: str) -> OrderSets:
    from clinical_assist.ordersets import versions

    return versions.read(versions.from_files({"own.toml": content}, versions.built_in(), conditions=conditions))


def test_files_of_a_curator_replace_sets_of_the_same_code_and_are_checked() -> None:
    from clinical_assist.governance.versions.kinds import ContentError

    own = b'[order_sets.gout]\nname = "Gout here"\nconditions = "gout"\nsource = "gout"\n[[order_sets.gout.lines]]\n'
    made = _from_file(own + b'advice = "Drink water"')
    assert made.sets["gout"].name == "Gout here"
    assert len(made.sets) == len(reading.starter().sets)
    with pytest.raises(ContentError, match="gout:1"):
        _from_file(own + b'medicine = "moonroot"\nwhy = "It works."')


def test_order_sets_are_for_conditions_of_the_knowledge_in_use() -> None:
    from clinical_assist.governance.versions.kinds import ContentError

    own = b'[order_sets.moon]\nname = "Moon"\nconditions = "moonstroke"\nsource = "gout"\nlines = [{advice = "Rest"}]\n'
    with pytest.raises(ContentError, match="no condition moonstroke"):
        _from_file(own)
    assert _from_file(own, "moonstroke").of_condition("moonstroke")
