from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.clinical_assist.fhir import bundles, signing

if TYPE_CHECKING:
    from django.test import Client

    from clinical_assist.models import HookCaller
    from tests.clinical_assist.conftest import Clinic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
BASE = "/o/shop/cds-services"
ORIGIN = "https://records.example"


@pytest.fixture
def caller(clinic: Clinic) -> HookCaller:
    from clinical_assist.hooks.callers import add_caller

    values = {"name": "Records", "issuer": signing.ISSUER, "key_set": signing.key_set(), "origins": [ORIGIN]}
    return add_caller(clinic.principal(clinic.administrator), values)


def call(client: Client, service: str, message: Any, *, token: str | None = None, **headers: str) -> Any:
    address = f"{BASE}/{service}"
    bearer = token or signing.assertion(f"http://testserver{address}")
    return client.post(
        address, json.dumps(message), content_type="application/json",
        headers={"Authorization": f"Bearer {bearer}", **headers},
    )  # fmt: skip


def searchset(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources]}


def taken(**more: Any) -> dict[str, Any]:
    """Return what a client prefetches for a man of 54 with heart failure who takes warfarin."""
    return {
        "patient": bundles.patient(),
        "conditions": searchset(bundles.condition()),
        "allergies": searchset(),
        "medications": searchset(bundles.medication(40, "Warfarin Sodium 5 MG Oral Tablet", dosageInstruction=[])),
        "laboratory": None,
        **more,
    }


def ordered(*orders: dict[str, Any]) -> dict[str, Any]:
    drafts = [{**one, "status": "draft"} for one in orders]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in drafts]}


def message(hook: str, **changed: Any) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": "Practitioner/7", "patientId": "unknown-here"}
    return {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": context | changed.pop("context", {}),
        "prefetch": taken(),
        **changed,
    }


def signing_off(*orders: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return message("order-sign", context={"draftOrders": ordered(*orders)}, **changed)


def ibuprofen(number: int = 50) -> dict[str, Any]:
    return bundles.medication(number, "Ibuprofen 400 MG Oral Tablet", dosageInstruction=[])


def cards(response: Any) -> list[dict[str, Any]]:
    from clinical_assist.hooks.schemas import problem

    assert response.status_code == 200, response.content
    assert problem("response", response.json()) == ""
    found: list[dict[str, Any]] = response.json()["cards"]
    return found


def test_the_services_are_listed_with_what_they_ask_for(client: Client, caller: HookCaller) -> None:
    from clinical_assist.hooks.schemas import problem

    listed = client.get(BASE).json()

    assert problem("discovery", listed) == ""
    assert {one["hook"] for one in listed["services"]} == {"patient-view", "order-select", "order-sign"}


def test_without_a_registered_caller_there_is_nothing_here(client: Client, clinic: Clinic) -> None:
    assert client.get(BASE).status_code == 404


def test_an_order_that_interacts_with_what_is_taken_gets_a_critical_card(client: Client, caller: HookCaller) -> None:
    found = cards(call(client, "order-sign", signing_off(ibuprofen())))

    about = [one for one in found if one["source"].get("topic", {}).get("code") == "interaction"]
    assert about[0]["indicator"] in {"critical", "warning"}
    assert about[0]["suggestions"][0]["actions"][0]["resourceId"].startswith("MedicationRequest/")
    assert {one["system"] for one in about[0]["overrideReasons"]} == {
        "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
    }


def test_an_order_is_held_against_the_allergies_that_were_sent(client: Client, caller: HookCaller) -> None:
    amoxicillin = bundles.medication(51, "Amoxicillin 500 MG Oral Capsule", dosageInstruction=[])
    asked = signing_off(amoxicillin, prefetch=taken(allergies=searchset(bundles.allergy())))

    found = cards(call(client, "order-sign", asked))

    assert (found[0]["indicator"], found[0]["source"]["topic"]["code"]) == ("critical", "allergy")


def test_only_what_was_selected_is_answered(client: Client, caller: HookCaller) -> None:
    orders = [ibuprofen(), bundles.medication(52, "Paracetamol 500 MG Oral Tablet", dosageInstruction=[])]
    chosen = f"MedicationRequest/{orders[1]['id']}"
    asked = message("order-select", context={"draftOrders": ordered(*orders), "selections": [chosen]})

    found = cards(call(client, "order-select", asked))

    assert [one for one in found if "ibuprofen" in one["summary"].casefold()] == []


def test_a_medicine_that_is_not_known_is_said_to_be_unchecked(client: Client, caller: HookCaller) -> None:
    unknown = bundles.medication(53, "Obscurimab 10 MG Injection", dosageInstruction=[])

    found = cards(call(client, "order-sign", signing_off(unknown)))

    assert "Obscurimab" in found[-1]["summary"]


def test_opening_a_patient_says_that_allergies_are_unknown(client: Client, caller: HookCaller) -> None:
    summaries = [one["summary"] for one in cards(call(client, "patient-view", message("patient-view")))]

    assert "Allergies are not known: nobody wrote whether there are any." in summaries


def test_opening_a_patient_shows_what_speaks_against_what_is_taken(client: Client, caller: HookCaller) -> None:
    both = [bundles.medication(40, "Warfarin 5 MG Oral Tablet", dosageInstruction=[]), ibuprofen()]
    asked = message("patient-view", prefetch=taken(medications=searchset(*both)))

    found = cards(call(client, "patient-view", asked))

    assert "interaction" in {one["source"].get("topic", {}).get("code") for one in found}


def test_nothing_of_the_patient_is_kept_and_the_rules_are_counted(
    client: Client, caller: HookCaller, clinic: Clinic
) -> None:
    from clinical_assist.models import Patient, RecordItem, RuleFiring
    from llmasos.accounts.tenancy import acting_in

    found = cards(call(client, "order-sign", signing_off(ibuprofen())))

    with acting_in(clinic.organisation):
        fired = RuleFiring.objects.for_organisation(clinic.id).filter(place="hook")
        # Ibuprofen beside warfarin is one card of two rules.
        assert [one.rule for one in fired if one.under_id] == ["interaction:anticoagulant+NSAID"]
        assert fired.count() == len(found) + 1
        assert Patient.objects.for_organisation(clinic.id).count() == 1
        assert RecordItem.objects.for_organisation(clinic.id).count() == 0


def test_feedback_counts_for_the_rules_of_its_card_with_its_reason(
    client: Client, caller: HookCaller, clinic: Clinic
) -> None:
    from clinical_assist.models import RuleFiring
    from llmasos.accounts.tenancy import acting_in

    found = cards(call(client, "order-sign", signing_off(ibuprofen())))
    card = next(one["uuid"] for one in found if one["source"]["topic"]["code"] == "interaction")
    reason = {"reason": {"code": "risk-benefit-ratio"}, "userComment": "short course for Kwame"}
    told = {"card": card, "outcome": "overridden", "overrideReason": reason, "outcomeTimestamp": "2026-03-02T09:30:00Z"}

    response = call(client, "order-sign/feedback", {"feedback": [told]})

    assert response.status_code == 200
    with acting_in(clinic.organisation):
        fired = RuleFiring.objects.for_organisation(clinic.id).exclude(outcome="shown")
        told = [(one.kind, one.outcome, one.reason_code) for one in fired]
    assert told == [("interaction", "overridden", "risk-benefit-ratio")] * 2


@pytest.mark.parametrize(
    "token",
    [
        pytest.param({"aud": "https://elsewhere.example"}, id="for somebody else"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": int(time.time()) + 4_000}, id="living too long"),
        pytest.param({"iss": "https://stranger.example"}, id="of a stranger"),
        pytest.param({"key": "another"}, id="signed with another key"),
        pytest.param({"algorithm": "HS256"}, id="signed with a secret"),
        pytest.param({"jti": None}, id="without an id"),
    ],
)
def test_a_call_that_is_not_signed_as_it_must_be_is_refused(
    client: Client, caller: HookCaller, token: dict[str, Any]
) -> None:
    audience = token.pop("aud", f"http://testserver{BASE}/order-sign")

    response = call(client, "order-sign", signing_off(ibuprofen()), token=signing.assertion(audience, **token))

    assert response.status_code == 401


def test_an_assertion_is_good_once(client: Client, caller: HookCaller) -> None:
    token = signing.assertion(f"http://testserver{BASE}/order-sign")
    call(client, "order-sign", signing_off(ibuprofen()), token=token)

    assert call(client, "order-sign", signing_off(ibuprofen()), token=token).status_code == 401


def test_a_caller_that_was_taken_out_is_refused(client: Client, caller: HookCaller, clinic: Clinic) -> None:
    from clinical_assist.hooks.callers import remove_caller

    remove_caller(clinic.principal(clinic.administrator), caller.pk)

    assert call(client, "order-sign", signing_off(ibuprofen())).status_code == 404


def test_a_message_that_leaves_the_schema_is_named_by_its_place(client: Client, caller: HookCaller) -> None:
    response = call(client, "order-select", message("order-select", context={"draftOrders": ordered()}))

    assert (response.status_code, response.json()["error"].partition(":")[0]) == (400, "context")


def test_a_patient_of_whom_nothing_was_sent_is_not_answered(client: Client, caller: HookCaller) -> None:
    assert call(client, "patient-view", message("patient-view", prefetch={})).status_code == 412


def test_a_resource_that_cannot_be_read_is_said_and_the_others_are_used(client: Client, caller: HookCaller) -> None:
    broken = bundles.potassium() | {"valueQuantity": {"value": "many"}}
    asked = signing_off(ibuprofen(), prefetch=taken(laboratory=searchset(broken)))

    found = cards(call(client, "order-sign", asked))

    assert "Resources that could not be read: 1." in found[-1]["detail"]


def test_the_newest_value_that_can_be_read_is_what_counts(client: Client, caller: HookCaller) -> None:
    from clinical_assist.hooks.reading import read_call

    def potassium(number: int, day: str, value: object) -> dict[str, Any]:
        changed = {"effectiveDateTime": f"{day}T09:00:00+00:00", "valueQuantity": {"value": value, "code": "mmol/L"}}
        return bundles.potassium() | changed | {"id": f"potassium-{number}"}

    sent = [
        potassium(1, "2026-03-01", 4.1),
        potassium(2, "2026-03-09", "many"),
        potassium(3, "2026-03-08", 5.6),
        potassium(4, "2026-02-01", 3.0),
    ]
    asked = signing_off(ibuprofen(), prefetch=taken(laboratory=searchset(*sent)))

    found = read_call(caller.organisation_id, asked)

    latest = found.summary.latest("potassium")
    assert latest is not None
    assert (latest.item.value, found.unread, len(found.summary.laboratory)) == (5.6, 1, 1)


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://stranger.example", None)])
def test_only_pages_of_registered_origins_may_read_answers(
    client: Client, caller: HookCaller, origin: str, allowed: str | None
) -> None:
    response = client.options(f"{BASE}/order-sign", headers={"Origin": origin})

    assert response.headers.get("Access-Control-Allow-Origin") == allowed


def test_stopped_checks_say_that_nothing_was_checked(client: Client, caller: HookCaller, clinic: Clinic) -> None:
    from clinical_assist.governance.switches import stop
    from llmasos.accounts.tenancy import acting_in

    with acting_in(clinic.organisation):
        stop(clinic.principal(clinic.administrator), "hooks", "A rule is wrong")

    (card,) = cards(call(client, "order-sign", signing_off(ibuprofen())))

    assert card["summary"] == "The checks are stopped at present: nothing was checked."


def test_an_issuer_that_cannot_be_printed_is_refused(client: Client, caller: HookCaller) -> None:
    token = signing.assertion(f"http://testserver{BASE}/order-sign", iss="\0")

    assert call(client, "order-sign", signing_off(ibuprofen()), token=token).status_code == 401
