from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from clinical_assist.record.items import Allergy, Problem
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from tests.clinical_assist.conftest import signed_in

if TYPE_CHECKING:
    from clinical_assist.plans.queries import PlannedLine
    from tests.clinical_assist.conftest import Clinic


@pytest.fixture
def doctor(client: Client, clinic: Clinic) -> Client:
    return signed_in(client, clinic.doctor)


def _address(clinic: Clinic, name: str = "plan") -> str:
    return reverse(f"clinical_assist:{name}", args=[clinic.organisation.slug, clinic.encounter.pk])


def _lines(clinic: Clinic) -> list[PlannedLine]:
    from clinical_assist.plans.queries import signed_and_draft_lines

    with acting_in(clinic.organisation):
        return signed_and_draft_lines(clinic.patient)


def _revision(clinic: Clinic) -> int:
    from clinical_assist.models import PlanDraft

    with acting_in(clinic.organisation):
        return PlanDraft.objects.for_organisation(clinic.id).get().revision


def _act(clinic: Clinic, client: Client, act: str, **sent: object) -> str:
    answer = client.post(_address(clinic, "plan_act"), {"act": act, **sent}, follow=True)
    return str(answer.content.decode())


def test_a_condition_of_the_record_is_offered_and_its_order_set_proposed(clinic: Clinic, doctor: Client) -> None:
    clinic.item("problem", Problem(name="Cellulitis"))
    page = doctor.get(_address(clinic)).content.decode()
    assert 'value="cellulitis">Cellulitis</button>' in page
    page = _act(clinic, doctor, "choose", condition="cellulitis")
    assert "flucloxacillin 500 mg four times a day" in page
    assert "NICE guideline NG141" in page
    assert "Problem of the record: Cellulitis" in page
    assert "Weight not known: dose per kg not checked." in page


def test_conditions_are_named_in_the_readers_language(clinic: Clinic, doctor: Client) -> None:
    clinic.item("problem", Problem(name="Cellulitis"))
    page = doctor.get(_address(clinic), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert 'value="cellulitis">蜂窝织炎</button>' in page
    assert '<option value="cellulitis">蜂窝织炎</option>' in page


def test_what_is_unclear_is_asked_and_the_words_stay(clinic: Clinic, doctor: Client) -> None:
    answer = doctor.post(
        _address(clinic, "plan_act"), {"act": "write", "kind": "medicine", "text": "amoxicilin 500 mg tid"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Did you mean: amoxicillin" in page
    assert 'value="amoxicilin 500 mg tid"' in page
    assert "nothing of it is checked" in page


def test_what_was_read_of_an_order_is_shown_and_what_may_be_meant_is_one_click(clinic: Clinic, doctor: Client) -> None:
    page = _act(clinic, doctor, "write", kind="medicine", text="furosemid 40 mg bd for 5 days")
    assert 'name="text" value="furosemide 40 mg bd for 5 days">' in page
    page = _act(clinic, doctor, "write", kind="medicine", text="Lasix 40 mg bd for 5 days")
    assert "<strong>Lasix 40 mg bd</strong>" in page
    assert "Read as furosemide, at most 40 mg at once, 80 mg a day" in page
    assert _lines(clinic)[0].line.days == 5
    page = _act(clinic, doctor, "write", kind="medicine", text="Lasix 40 mg bd for 5 days", days=7)
    assert "The line says 5 days and the field 7" in page


def test_a_change_that_is_refused_keeps_what_was_typed(clinic: Clinic, doctor: Client) -> None:
    _act(clinic, doctor, "write", kind="medicine", text="furosemide 40 mg once a day", days=5)
    line, seen = _lines(clinic)[0].id, _revision(clinic)
    page = _act(clinic, doctor, "change", of=line, text="furosemid 80 mg once a day", days=7, revision=seen)
    assert 'value="furosemid 80 mg once a day"' in page
    _act(clinic, doctor, "change", of=line, text="furosemide 80 mg once a day", days=7, revision=seen)
    assert [(one.line.text, one.line.days) for one in _lines(clinic)] == [("furosemide 80 mg once a day", 7)]


def test_an_override_that_is_refused_keeps_its_reason_and_words(clinic: Clinic, doctor: Client) -> None:
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    _act(clinic, doctor, "write", kind="medicine", text="amoxicillin 500 mg three times a day")
    line = _lines(clinic)[0]
    page = _act(
        clinic, doctor, "override", of=line.id, alert=line.alerts[0].key, reason="expert-contradicts", words="Asked.",
        revision=_revision(clinic),
    )  # fmt: skip
    assert "needs a reason in words" in page
    assert 'value="expert-contradicts" selected' in page
    assert "Asked.</textarea>" in page


def test_an_alert_that_stops_is_overridden_on_the_page_and_the_plan_signed(clinic: Clinic, doctor: Client) -> None:
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    page = _act(clinic, doctor, "write", kind="medicine", text="amoxicillin 500 mg three times a day", days=5)
    assert "Stops the order" in page
    line = _lines(clinic)[0]
    for alert in [one for one in line.alerts if one.needs_answer]:
        page = _act(
            clinic, doctor, "override", of=line.id, alert=alert.key, reason="action-performed-no-adverse-effect",
            words="Took it twice last year without any reaction.", revision=_revision(clinic),
        )  # fmt: skip
    assert "Overridden by" in page
    assert "Took it twice last year" in page
    refused = doctor.post(_address(clinic, "plan_sign"), {"revision": _revision(clinic), "birth_date": "1958-04-03"})
    assert refused.status_code == 422
    with acting_in(clinic.organisation):
        assert Entry.objects.get(action="clinical.plan_signed").outcome == "denied"
    signed = doctor.post(
        _address(clinic, "plan_sign"), {"revision": _revision(clinic), "birth_date": "1958-04-02"}, follow=True
    )
    assert "Signed plan" in signed.content.decode()
    assert _lines(clinic)[0].is_signed


def test_a_plan_that_changed_meanwhile_is_signed_as_it_is_shown_then(clinic: Clinic, doctor: Client) -> None:
    _act(clinic, doctor, "write", kind="advice", text="Rest")
    seen = _revision(clinic)
    _act(clinic, doctor, "write", kind="advice", text="Drink two litres a day")
    sent = {"revision": seen, "birth_date": "1958-04-02"}
    refused = doctor.post(_address(clinic, "plan_sign"), sent)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "was changed since you opened this page" in page
    assert "Drink two litres a day" in page
    assert f'name="revision" value="{_revision(clinic)}"' in page


def test_nobody_is_asked_to_sign_over_alerts_that_are_not_answered(clinic: Clinic, doctor: Client) -> None:
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    _act(clinic, doctor, "write", kind="medicine", text="amoxicillin 500 mg three times a day")
    assert 'name="birth_date"' not in doctor.get(_address(clinic, "plan_sign")).content.decode()


def test_a_line_that_was_removed_is_put_back_and_asks_again(clinic: Clinic, doctor: Client) -> None:
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    _act(clinic, doctor, "write", kind="medicine", text="amoxicillin 500 mg three times a day")
    page = _overridden(clinic, doctor)
    page = _act(clinic, doctor, "remove", of=_lines(clinic)[0].id, revision=_revision(clinic))
    assert "1 line was removed" in page
    of = page.split('name="of" value="')[1].split('"')[0]
    page = _act(clinic, doctor, "put_back", of=of)
    assert "1 line was removed" not in page
    assert [one.is_stopped for one in _lines(clinic)] == [True]


def test_an_override_is_taken_back(clinic: Clinic, doctor: Client) -> None:
    from clinical_assist.models import RuleFiring

    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    _act(clinic, doctor, "write", kind="medicine", text="amoxicillin 500 mg three times a day")
    assert "Took it twice last year" in _overridden(clinic, doctor)
    line = _lines(clinic)[0]
    page = _act(clinic, doctor, "take_back", of=line.id, alert=line.alerts[0].key, revision=_revision(clinic))
    assert "Took it twice last year" not in page
    assert _lines(clinic)[0].is_stopped
    with acting_in(clinic.organisation):
        fired = RuleFiring.objects.for_organisation(clinic.id).values_list("outcome", "reason_code")
        assert set(fired) == {("shown", "")}
        entry = Entry.objects.get(action="clinical.alert_override_taken_back")
        assert (entry.digests["tier"], entry.digests["alert"]) == (1, line.alerts[0].key)


def _overridden(clinic: Clinic, doctor: Client) -> str:
    line = _lines(clinic)[0]
    return _act(
        clinic, doctor, "override", of=line.id, alert=line.alerts[0].key, reason="action-performed-no-adverse-effect",
        words="Took it twice last year without any reaction.", revision=_revision(clinic),
    )  # fmt: skip


def test_an_old_sign_in_is_asked_again_before_a_plan_is_signed(clinic: Clinic, doctor: Client) -> None:
    _act(clinic, doctor, "write", kind="advice", text="Rest")
    signed_in(doctor, clinic.doctor, ago=timedelta(hours=2))
    asked = doctor.post(_address(clinic, "plan_sign"), {"revision": _revision(clinic), "birth_date": "1958-04-02"})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not _lines(clinic)[0].is_signed


def test_a_conflict_shows_both_versions(clinic: Clinic, doctor: Client) -> None:
    _act(clinic, doctor, "write", kind="advice", text="Rest")
    line, seen = _lines(clinic)[0].id, _revision(clinic)
    _act(clinic, doctor, "change", of=line, text="Rest for two days", revision=seen)
    answer = doctor.post(
        _address(clinic, "plan_act"), {"act": "change", "of": line, "text": "Rest for a week", "revision": seen}
    )
    assert answer.status_code == 409
    assert {"Rest for a week", "Rest for two days"} <= set(answer.content.decode().replace("<", ">").split(">"))


def test_a_stopped_function_says_so(clinic: Clinic, doctor: Client) -> None:
    from clinical_assist.governance import switches

    switches.stop(clinic.principal(clinic.administrator), "plan", "The doses of one table are wrong.")
    assert doctor.get(_address(clinic)).status_code == 503


def test_while_the_checks_are_stopped_no_line_looks_checked(clinic: Clinic, doctor: Client) -> None:
    from clinical_assist.governance import switches

    switches.stop(clinic.principal(clinic.administrator), "checks", "The doses of one table are wrong.")
    page = _act(clinic, doctor, "write", kind="medicine", text="amoxicillin 500 mg three times a day")
    assert page.count("not checked: the checks are stopped") == 1
    assert "What the checks ask for is known" not in page


def test_who_is_outside_the_care_team_sees_no_plan(clinic: Clinic) -> None:
    assert signed_in(Client(), clinic.colleague).get(_address(clinic)).status_code == 403


def test_rules_and_tables_are_open_to_clinicians(clinic: Clinic, doctor: Client) -> None:
    rules = doctor.get(reverse("clinical_assist:rule_overrides", args=[clinic.organisation.slug]))
    assert "No rule fired in these days" in rules.content.decode()
    tables = reverse("clinical_assist:medicine_tables", args=[clinic.organisation.slug])
    found = doctor.get(tables, {"q": "augmentin"}).content.decode()
    assert "amoxicillin-clavulanate" in found
    assert "1 medicine" in found
    assert "No medicine has that name" in doctor.get(tables, {"q": "moonroot"}).content.decode()


def test_ids_of_nothing_are_refused_in_words(clinic: Clinic, doctor: Client) -> None:
    _act(clinic, doctor, "write", kind="advice", text="Rest")
    for of in ("nonsense", UUID(int=3)):
        answer = doctor.post(_address(clinic, "plan_act"), {"act": "remove", "of": of, "revision": 9})
        assert answer.status_code in {409, 422}
