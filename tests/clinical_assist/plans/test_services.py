from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.utils import timezone

from clinical_assist.plans.errors import (
    NoDraftError,
    NotProvedError,
    NotYoursToSignError,
    OpenAlertsError,
    PlanConflictError,
    PlanError,
    UnclearError,
    WrongPatientError,
)
from clinical_assist.record.access import NotInCareTeamError
from clinical_assist.record.confirming import Confirmed
from clinical_assist.record.items import Allergy, Measurement, Medication, Problem
from llmasos.accounts.tenancy import acting_in
from tests.clinical_assist.differential.bases import document

if TYPE_CHECKING:
    from clinical_assist.models import RuleFiring
    from clinical_assist.plans.drafts import Draft
    from clinical_assist.plans.queries import PlannedLine
    from tests.clinical_assist.conftest import Clinic

BORN = date(1958, 4, 2)
REASON = "mitigate-risk-negative-outcome"


def _plan(clinic: Clinic) -> Draft:
    from clinical_assist.plans.drafts import lock_draft

    with acting_in(clinic.organisation):
        return lock_draft(clinic.principal(), clinic.encounter.pk)


def _lines(clinic: Clinic) -> list[PlannedLine]:
    from clinical_assist.plans.queries import signed_and_draft_lines

    with acting_in(clinic.organisation):
        return signed_and_draft_lines(clinic.patient)


def _firings(clinic: Clinic) -> list[RuleFiring]:
    from clinical_assist.models import RuleFiring

    with acting_in(clinic.organisation):
        return list(RuleFiring.objects.for_organisation(clinic.id).order_by("pk"))


def _write(clinic: Clinic, text: str, kind: str = "medicine", *, unchecked: bool = False) -> UUID:
    from clinical_assist.plans import services

    services.write(clinic.principal(), clinic.encounter.pk, kind, text, unchecked=unchecked)
    return _lines(clinic)[-1].id


def _weighed(clinic: Clinic) -> None:
    today = timezone.localdate().isoformat()
    for measure, value, unit in (("weight", 70.0, "kg"), ("height", 168.0, "cm")):
        clinic.item("vital", Measurement(name=measure, measure=measure, value=value, unit=unit, on=today))
    _creatinine(clinic, 0.8)


def _creatinine(clinic: Clinic, value: float) -> None:
    clinic.item(
        "laboratory",
        Measurement(name="Creatinine", measure="creatinine", value=value, unit="mg/dL", on=timezone.now().isoformat()),
    )


def _answer(clinic: Clinic, line: UUID, *, code: str = REASON, text: str = "") -> None:
    from clinical_assist.plans import services

    for one in next(planned for planned in _lines(clinic) if planned.id == line).alerts:
        if one.needs_answer:
            services.override(
                clinic.principal(), clinic.encounter.pk, line, one.key, code, text, expected=_plan(clinic).plan.revision
            )


def _confirmed(**known: Any) -> Confirmed:
    return Confirmed(**{"birth_date": BORN, "proved_at": timezone.now(), **known})


def _sign(clinic: Clinic, *, expected: int | None = None, **known: Any) -> None:
    from clinical_assist.plans.signing import sign

    seen = _plan(clinic).plan.revision if expected is None else expected
    sign(clinic.principal(), clinic.encounter.pk, _confirmed(**known), expected=seen)


def test_lines_of_an_order_set_are_taken_with_what_they_stand_on(clinic: Clinic) -> None:
    from clinical_assist.plans import services

    problem = clinic.item("problem", Problem(name="Pneumonia"))
    services.plan_for(clinic.principal(), clinic.encounter.pk, "pneumonia")
    services.take(clinic.principal(), clinic.encounter.pk, ["pneumonia:1", "pneumonia:4", "pneumonia:4"])

    taken = _lines(clinic)
    assert [one.kind for one in taken] == ["test", "medicine"]
    sources = {one.kind: one for one in taken[1].line.sources}
    assert sources["order_set"].reference == "pneumonia:4"
    assert "NG250" in sources["work"].text
    assert sources["record"].reference == str(problem.pk)


def test_a_plan_is_for_conditions_of_the_knowledge_in_use_and_keeps_them_when_that_changes(clinic: Clinic) -> None:
    from clinical_assist.governance.versions.services import back_to_built_in
    from clinical_assist.plans import services

    _knowledge_in_use(
        clinic, {"hay_asthma": {"name": "Hay asthma", "icd10": "J45", "rate": 5, "findings": "cough=0.8"}}
    )
    with pytest.raises(PlanError, match="no such condition"):
        services.plan_for(clinic.principal(), clinic.encounter.pk, "pneumonia")
    problem = clinic.item("problem", Problem(name="Hay asthma"))
    services.plan_for(clinic.principal(), clinic.encounter.pk, "hay_asthma")
    back_to_built_in(clinic.principal(clinic.administrator), "knowledge")

    _write(clinic, "propranolol 40 mg twice a day")
    assert "asthma" in _plan(clinic).facts().patient.problems
    assert _plan(clinic).plan.planned[0]["grounds"][0]["reference"] == str(problem.pk)


def test_a_condition_that_was_kept_without_its_codes_has_those_of_the_starter() -> None:
    from clinical_assist.plans.lines import Planned

    old = Planned.of({"code": "asthma", "grounds": []})
    assert (old.name, old.icd10[:1]) == ("Asthma", ("J45",))
    assert Planned.of({"code": "asthma", "icd10": [], "grounds": []}).icd10 == ()


def _knowledge_in_use(clinic: Clinic, conditions: dict[str, Any]) -> None:
    from clinical_assist.governance.versions.kinds import digest_of
    from clinical_assist.models import KnowledgeVersion

    content = json.dumps(document(conditions=conditions))
    with acting_in(clinic.organisation):
        KnowledgeVersion.objects.create(
            organisation=clinic.organisation, kind="knowledge", number=1, content=content, digest=digest_of(content),
            figures={}, state="active", note="Ours",
        )  # fmt: skip


def test_a_line_that_does_not_fit_the_patient_cannot_be_taken(clinic: Clinic) -> None:
    from clinical_assist.plans import services

    clinic.item("allergy", Allergy(name="amoxicillin", category="medication", medicine="amoxicillin"))
    services.plan_for(clinic.principal(), clinic.encounter.pk, "pneumonia")
    with pytest.raises(PlanError, match="not proposed for this patient"):
        services.take(clinic.principal(), clinic.encounter.pk, ["pneumonia:4"])
    with pytest.raises(PlanError, match="no condition of this plan"):
        services.take(clinic.principal(), clinic.encounter.pk, ["gout:3"])
    assert _lines(clinic) == []


def test_an_order_is_read_and_what_is_unclear_is_asked_and_adds_nothing(clinic: Clinic) -> None:
    _write(clinic, "Augmentin 625 mg tid")
    line = _lines(clinic)[0].line
    assert (line.medicine, line.dose, line.times_a_day) == ("amoxicillin-clavulanate", 625, 3)
    for text, asked in (("amoxicilin 500 mg tid", "Did you mean: amoxicillin"), ("warfarin 5 mg", "How often")):
        with pytest.raises(UnclearError, match=asked):
            _write(clinic, text)
    assert len(_lines(clinic)) == 1


def test_a_medicine_that_is_unknown_is_taken_only_as_unchecked(clinic: Clinic) -> None:
    with pytest.raises(UnclearError, match="No medicine is known"):
        _write(clinic, "Moonroot tincture 5 drops")
    _write(clinic, "Moonroot tincture 5 drops", unchecked=True)
    assert _lines(clinic)[0].line.order is None


def test_tier_1_stops_the_order_until_a_reason_in_words_is_given(clinic: Clinic) -> None:
    from clinical_assist.plans import services

    clinic.item("medication", Medication(name="warfarin", medicine="warfarin"))
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    line = _write(clinic, "amoxicillin 500 mg three times a day")
    alert = next(one for one in _lines(clinic)[0].alerts if one.alert.kind == "allergy")
    assert alert.alert.tier == 1
    assert _lines(clinic)[0].is_stopped
    assert _lines(clinic)[0].line.stopped

    for code, text, said in (("", "", "Choose a reason"), (REASON, "ok", "in words"), ("because", "", "Choose")):
        with pytest.raises(PlanError, match=said):
            services.override(
                clinic.principal(), clinic.encounter.pk, line, alert.key, code, text,
                expected=_plan(clinic).plan.revision,
            )  # fmt: skip
    _answer(clinic, line, text="Took it twice last year without any reaction.")
    assert not _lines(clinic)[0].is_stopped
    assert not _lines(clinic)[0].line.stopped
    assert next((one.tier, one.outcome, one.reason_code) for one in _firings(clinic)) == (1, "overridden", REASON)


def test_tier_2_needs_a_coded_reason_alone_and_tier_3_none(clinic: Clinic) -> None:
    _weighed(clinic)
    clinic.item("medication", Medication(name="warfarin", medicine="warfarin"))
    clinic.item("medication", Medication(name="atorvastatin", medicine="atorvastatin"))
    line = _write(clinic, "ibuprofen 400 mg three times a day")
    tiers = {one.alert.tier for one in _lines(clinic)[0].alerts}
    assert 2 in tiers
    assert not _lines(clinic)[0].is_stopped
    _answer(clinic, line)
    assert not [one for one in _lines(clinic)[0].alerts if one.needs_answer]


def test_an_override_is_shown_to_the_next_reader_with_who_when_and_why(clinic: Clinic) -> None:
    from clinical_assist.plans.queries import overrides_of

    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    _answer(clinic, _write(clinic, "amoxicillin 500 mg three times a day"), text="Tested by an allergist in May.")
    _sign(clinic)
    with acting_in(clinic.organisation):
        kept = overrides_of(clinic.patient)[0]
    assert kept.line == "amoxicillin 500 mg three times a day"
    assert kept.by == str(clinic.doctor)
    assert kept.override.text == "Tested by an allergist in May."
    assert kept.at.date() == timezone.now().date()


def test_changed_or_removed_orders_count_as_followed_alerts(clinic: Clinic) -> None:
    from clinical_assist.plans import services

    line = _write(clinic, "paracetamol 5 g four times a day")
    assert {one.outcome for one in _firings(clinic)} == {"shown"}
    services.change(
        clinic.principal(), clinic.encounter.pk, line, "paracetamol 1 g four times a day",
        expected=_plan(clinic).plan.revision,
    )  # fmt: skip
    assert {one.outcome for one in _firings(clinic)} == {"accepted"}


def test_an_override_does_not_cover_another_dose(clinic: Clinic) -> None:
    from clinical_assist.plans import services

    line = _write(clinic, "sertraline 250 mg once a day")
    _answer(clinic, line)
    services.change(
        clinic.principal(), clinic.encounter.pk, line, "sertraline 300 mg once a day",
        expected=_plan(clinic).plan.revision,
    )  # fmt: skip
    assert [one for one in _lines(clinic)[0].alerts if one.needs_answer]


def test_an_override_counts_for_every_rule_of_the_alert_and_for_none_that_comes_later(clinic: Clinic) -> None:
    clinic.item("medication", Medication(name="warfarin", medicine="warfarin"))
    clinic.item("allergy", Allergy(name="NSAID", category="medication"))
    line = _write(clinic, "aspirin 75 mg once a day")
    _answer(clinic, line, text="After the stent, for a month, with a proton pump inhibitor.")
    outcomes = [(one.kind, one.outcome) for one in _firings(clinic) if one.tier < 3]
    assert outcomes == [("allergy", "overridden"), *[("interaction", "overridden")] * 4]

    clinic.item("allergy", Allergy(name="aspirin", category="medication", medicine="aspirin"))
    (again,) = [one for one in _lines(clinic)[0].alerts if one.needs_answer]
    assert (again.alert.rule, len(again.alert.of_rules)) == ("allergy:same", 2)
    _answer(clinic, line, text="It was heartburn and no reaction.")
    assert [one.rule for one in _lines(clinic)[0].line.overrides].count("allergy:same") == 1
    assert len(_lines(clinic)[0].line.overrides) == 2


def test_two_who_change_one_line_see_both_versions_and_different_lines_join(clinic: Clinic) -> None:
    from clinical_assist.plans import services

    first, second = _write(clinic, "Rest", "advice"), _write(clinic, "Drink enough", "advice")
    seen = _plan(clinic).plan.revision
    act = (clinic.principal(), clinic.encounter.pk)
    services.change(*act, first, "Rest for two days", expected=seen)
    services.change(*act, second, "Drink two litres a day", expected=seen)
    with pytest.raises(PlanConflictError) as conflict:
        services.change(*act, first, "Rest for a week", expected=seen)
    assert (conflict.value.yours, conflict.value.theirs) == ("Rest for a week", "Rest for two days")
    assert conflict.value.by == clinic.doctor.pk
    with pytest.raises(PlanConflictError):
        services.remove(*act, first, expected=seen)
    assert [one.line.text for one in _lines(clinic)] == ["Rest for two days", "Drink two litres a day"]


def test_signing_needs_the_right_patient_a_fresh_proof_the_present_plan_and_every_answer(clinic: Clinic) -> None:
    _write(clinic, "sertraline 250 mg once a day")
    with pytest.raises(WrongPatientError):
        _sign(clinic, birth_date=date(1958, 4, 3))
    with pytest.raises(WrongPatientError):
        _sign(clinic, birth_date=None, family_name="Marsh")
    for proof in (None, timezone.now() - timedelta(minutes=16)):
        with pytest.raises(NotProvedError):
            _sign(clinic, proved_at=proof)
    with pytest.raises(PlanConflictError):
        _sign(clinic, expected=1)
    with pytest.raises(OpenAlertsError, match="1 alert is not answered") as refused:
        _sign(clinic)
    assert {one.alert.rule for one in refused.value.alerts} == {"dose:high"}


def test_facts_that_changed_since_entry_raise_alerts_that_nobody_overrode(clinic: Clinic) -> None:
    _weighed(clinic)
    _write(clinic, "metformin 500 mg twice a day")
    assert not [one for one in _lines(clinic)[0].alerts if one.needs_answer]
    _creatinine(clinic, 4.2)
    with pytest.raises(OpenAlertsError) as refused:
        _sign(clinic)
    assert [one.alert.rule for one in refused.value.alerts] == ["kidney:avoid"]
    assert [(one.rule, one.place, one.outcome) for one in _firings(clinic)] == [("kidney:avoid", "signing", "shown")]


def test_a_signed_plan_is_frozen_with_its_digest_and_its_medicines_are_in_the_record(clinic: Clinic) -> None:
    from clinical_assist.models import PlanDraft, RecordItem
    from clinical_assist.record.items import item_of
    from llmasos.audit.models import Entry

    _weighed(clinic)
    _write(clinic, "amlodipine 5 mg once a day")
    _write(clinic, "Less salt", "advice")
    _sign(clinic)
    with pytest.raises(NoDraftError):
        _plan(clinic)
    with acting_in(clinic.organisation):
        plan = PlanDraft.objects.for_organisation(clinic.id).get()
        item = RecordItem.objects.for_organisation(clinic.id).get(source="plan")
        entry = Entry.objects.filter(action="clinical.plan_signed").get()
    medication = item_of(item)
    assert isinstance(medication, Medication)
    assert (medication.medicine, medication.dose, medication.times_a_day) == ("amlodipine", 5, 1)
    assert medication.dose_text == "5 mg once a day"
    assert entry.digests["plan"] == plan.digest
    assert all(one.is_signed and one.signed_by == str(clinic.doctor) for one in _lines(clinic))
    assert "amlodipine" not in str(entry.digests)


def test_the_digest_covers_every_word_of_the_plan(clinic: Clinic) -> None:
    from clinical_assist.plans.signing import document

    _write(clinic, "Less salt", "advice")
    draft = _plan(clinic)
    before = document(draft.plan, draft.rows, draft.lines)
    key, line = next(iter(draft.lines.items()))
    assert document(draft.plan, draft.rows, {key: replace(line, note="at night")}) != before


def test_who_is_outside_the_care_team_neither_writes_nor_signs(clinic: Clinic) -> None:
    from clinical_assist.plans import services
    from clinical_assist.plans.signing import sign

    _write(clinic, "Less salt", "advice")
    with pytest.raises(NotInCareTeamError):
        services.write(clinic.principal(clinic.colleague), clinic.encounter.pk, "advice", "More salt")
    with pytest.raises((NotInCareTeamError, NotYoursToSignError)):
        sign(clinic.principal(clinic.colleague), clinic.encounter.pk, _confirmed(), expected=2)


def test_a_medicine_of_a_past_course_is_not_checked_against(clinic: Clinic) -> None:
    ended = (timezone.localdate() - timedelta(days=2)).isoformat()
    clinic.item("medication", Medication(name="warfarin", medicine="warfarin", ended=ended))
    _write(clinic, "aspirin 75 mg once a day")
    assert not [one for one in _lines(clinic)[0].alerts if one.alert.kind == "interaction"]


def test_taken_as_written_a_known_medicine_is_checked_nevertheless(clinic: Clinic) -> None:
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    _write(clinic, "amoxicillin 5 ml", unchecked=True)
    assert _lines(clinic)[0].is_stopped


def test_an_order_taken_as_written_does_not_end_with_its_first_step(clinic: Clinic) -> None:
    written = "apixaban 10 mg bd for 7 days then 5 mg bd"
    _write(clinic, written, unchecked=True)
    _write(clinic, "amoxicillin 500 mg tds for 5 days", unchecked=True)
    lines = [one.line for one in _lines(clinic)]
    assert [(one.text, one.days) for one in lines] == [(written, None), ("amoxicillin 500 mg tds for 5 days", None)]
    with pytest.raises(UnclearError, match="is not read as how long"):
        _write(clinic, "colchicine 500 mcg bd, do not repeat for 3 days")


def test_a_plan_that_was_stopped_meanwhile_is_not_worded(clinic: Clinic) -> None:
    from clinical_assist.governance.switches import stop
    from clinical_assist.models import PlanDraft
    from clinical_assist.plans import wording

    _write(clinic, "Drink enough", kind="advice")
    with acting_in(clinic.organisation):
        PlanDraft.objects.for_organisation(clinic.id).update(wording="asked")
    stop(clinic.principal(clinic.administrator), "plan", "Being looked at")

    wording.word(clinic.id, _lines(clinic)[0].plan_id)

    with acting_in(clinic.organisation):
        assert PlanDraft.objects.for_organisation(clinic.id).get().wording == "away"
