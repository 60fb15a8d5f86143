"""Whatever was recorded, each drafted sentence has sources that bear it out, and nothing unknown is called none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clinical_assist.notes.drafting import draft
from clinical_assist.notes.facts import (
    Differential,
    Facts,
    FoundFact,
    Identity,
    OwnList,
    PlanFact,
    Recorded,
    Told,
)
from clinical_assist.notes.sections import Risk, Section, sentences
from clinical_assist.record.items import Allergy, History, Measurement, Medication, Problem
from llmasos.answering.audit_rules import unsupported

TODAY = date(2026, 11, 28)
WHO = Identity(id="p", name="Marsh, Ada Ruth", sex="female", birth_date=date(1958, 4, 2), number="H-20418")

words = st.text(
    st.characters(categories=("L", "Nd", "Pd", "Po", "Zs"), max_codepoint=0x9FFF), min_size=1, max_size=40
).filter(lambda text: text.strip())
days = st.dates(min_value=date(2015, 1, 1), max_value=TODAY)
numbers = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
on = st.one_of(st.just(""), days.map(date.isoformat), days.map(lambda day: f"{day.isoformat()}T08:15:00Z"))


def recorded(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    made = st.builds(Recorded, id=st.uuids().map(str), item=items, recorded_on=days, here=st.booleans())
    return st.lists(made, max_size=3).map(tuple)


measurements = st.builds(
    Measurement,
    name=words,
    on=on,
    measure=st.sampled_from(("", "hba1c", "temperature", "leukocytes")),
    value=st.one_of(st.none(), numbers),
    unit=st.sampled_from(("%", "mm[Hg]", "10*9/L", "", "kg/m2")),
    text=words,
    low=st.one_of(st.none(), numbers),
    high=st.one_of(st.none(), numbers),
)
told = st.builds(
    Told,
    id=st.just("intake"),
    on=days,
    text=st.one_of(words, st.lists(words, max_size=4).map(". ".join)),
    findings=st.lists(
        st.builds(
            FoundFact,
            code=words,
            name=words,
            kind=st.sampled_from(("symptom", "sign", "vital", "course", "history")),
            state=st.sampled_from(("present", "absent", "unknown")),
        ),
        max_size=5,
    ).map(tuple),
)
any_facts = st.builds(
    Facts,
    identity=st.builds(
        Identity,
        id=st.just("p"),
        name=words,
        sex=st.sampled_from(("female", "male", "unknown", "other")),
        birth_date=st.one_of(st.none(), days),
        number=st.one_of(st.just(""), words),
        no_known_allergies_on=st.one_of(st.none(), days),
    ),
    encounter_id=st.just("e"),
    on=days,
    reason=st.one_of(st.just(""), words),
    told=st.one_of(st.none(), told),
    problems=recorded(
        st.builds(Problem, name=words, on=on, note=words, verification=st.sampled_from(("confirmed", "provisional")))
    ),
    allergies=recorded(
        st.builds(
            Allergy,
            name=words,
            on=on,
            reaction=words,
            severity=st.sampled_from(("", "mild", "severe")),
            criticality=st.sampled_from(("", "high")),
            status=st.sampled_from(("active", "resolved")),
        )
    ),
    medications=recorded(
        st.builds(
            Medication,
            name=words,
            on=on,
            dose_text=st.one_of(st.just(""), words),
            dose=st.one_of(st.none(), numbers),
            unit=words,
            times_a_day=st.one_of(st.none(), numbers),
            route=words,
            status=st.sampled_from(("active", "on-hold", "stopped")),
        )
    ),
    vitals=recorded(measurements),
    laboratory=recorded(measurements),
    history=recorded(
        st.builds(History, name=words, on=on, status=words, topic=st.sampled_from(("family", "social", "procedure")))
    ),
    own_list=st.one_of(
        st.none(), st.builds(OwnList, id=st.just("o"), on=days, names=st.lists(words, max_size=3).map(tuple))
    ),
    differential=st.one_of(
        st.none(),
        st.builds(
            Differential,
            id=st.just("d"),
            on=days,
            knowledge=st.just("starter 1"),
            options=st.lists(st.tuples(words, st.floats(0, 1)), max_size=8).map(tuple),
            outside=st.booleans(),
        ),
    ),
    plan=st.lists(
        st.builds(
            PlanFact,
            id=st.uuids().map(str),
            kind=st.sampled_from(("medicine", "test", "advice")),
            words=words,
            on=days,
            signed=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)


def drafted(**known: Any) -> list[str]:
    facts = Facts(**{"identity": WHO, "encounter_id": "e", "on": TODAY, **known})
    return [one.drafted for one in sentences(draft(facts))]


@given(facts=any_facts, language=st.sampled_from(("en", "zh-hans")))
def test_no_sentence_is_without_a_source_whatever_was_recorded(facts: Facts, language: str) -> None:
    with translation.override(language):
        made = list(sentences(draft(facts)))
    faults = {one.drafted: unsupported(one.drafted, [source.text for source in one.sources]) for one in made}
    assert {text: found for text, found in faults.items() if found} == {}
    assert len({one.key for one in made}) == len(made)


def test_allergies_that_nobody_asked_for_are_not_called_none() -> None:
    assert "Allergies: not known, nobody has recorded asking." in drafted()


def test_none_known_says_when_it_was_asked() -> None:
    asked = Identity(**{**_fields(WHO), "no_known_allergies_on": date(2026, 11, 1)})
    assert "Allergies: none known, asked on 2026-11-01." in drafted(identity=asked)


def test_a_recorded_allergy_counts_more_than_an_earlier_none_known() -> None:
    asked = Identity(**{**_fields(WHO), "no_known_allergies_on": date(2020, 1, 1)})
    penicillin = Allergy(name="Penicillin", reaction="rash", severity="severe")
    said = drafted(identity=asked, allergies=(Recorded(id="a", item=penicillin, recorded_on=TODAY),))
    assert "Allergy: Penicillin; reaction: rash; severe." in said
    assert not any("none known" in one for one in said)


def test_no_medication_in_the_record_is_not_called_none_taken() -> None:
    assert "Medication: none recorded." in drafted()


def test_values_have_their_unit_their_day_and_a_sign_where_they_are_outside_of_their_range() -> None:
    hba1c = Measurement(name="HbA1c", measure="hba1c", value=7.2, unit="%", low=4, high=5.6, on="2026-11-20")
    older = Measurement(name="HbA1c", measure="hba1c", value=6.9, unit="%", on="2026-08-20")
    said = drafted(
        laboratory=tuple(Recorded(id=str(n), item=one, recorded_on=TODAY) for n, one in enumerate((hba1c, older)))
    )
    assert "Laboratory 2026-11-20: HbA1c 7.2 % (above the range 4 to 5.6)." in said
    assert not any("6.9" in one for one in said)


def test_of_habits_the_newest_statement_counts() -> None:
    said = [("2012-12-13", "Smoker"), ("2018-12-20", "Never smoked since"), ("2015-12-17", "Former smoker")]
    items = (History(name="Tobacco", status=status, topic="social", on=day) for day, status in said)
    made = drafted(history=tuple(Recorded(id=one.on, item=one, recorded_on=TODAY) for one in items))
    assert [one for one in made if "Tobacco" in one] == ["History: Tobacco; Never smoked since; 2018-12-20."]


def test_what_was_present_absent_and_not_known_is_said_apart() -> None:
    states = {"cough": "present", "fever": "absent", "weight loss": "unknown"}
    found = tuple(FoundFact(code=name, name=name, kind="symptom", state=state) for name, state in states.items())
    said = drafted(told=Told(id="i", on=TODAY, text="Coughs since Monday.", findings=found))
    assert {"Coughs since Monday.", "Present: cough.", "Absent: fever.", "Not known: weight loss."} <= set(said)


@pytest.mark.parametrize(
    ("facts", "risk"),
    [
        ({}, Risk.IDENTITY),
        ({}, Risk.ALLERGIES),
        ({}, Risk.MEDICATION),
        (
            {"told": Told(id="i", on=TODAY, findings=(FoundFact(code="c", name="c", kind="sign", state="absent"),))},
            Risk.FINDING,
        ),
        ({"plan": (PlanFact(id="l", kind="medicine", words="Amoxicillin 500 mg", on=TODAY),)}, Risk.MEDICATION),
    ],
)
def test_the_classes_in_which_notes_fail_have_to_be_opened(facts: dict[str, Any], risk: Risk) -> None:
    made = draft(Facts(identity=WHO, encounter_id="e", on=TODAY, **facts))
    assert any(one.risk == risk and one.must_open for one in sentences(made))


def test_a_plan_without_lines_has_no_sentence() -> None:
    assert draft(Facts(identity=WHO, encounter_id="e", on=TODAY))[Section.PLAN] == []


def _fields(known: Identity) -> dict[str, Any]:
    return {name: getattr(known, name) for name in Identity.__dataclass_fields__}
