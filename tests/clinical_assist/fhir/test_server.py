from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.clinical_assist.fhir import signing

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from clinical_assist.models import FhirClient
    from tests.clinical_assist.conftest import Clinic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
BASE = "/fhir/shop"
Read = Any


@pytest.fixture
def program(clinic: Clinic) -> FhirClient:
    from clinical_assist.fhir.server.clients import add_client

    values = {"name": "Registry", "key_set": signing.key_set(), "scopes": ["system/*.rs"]}
    return add_client(clinic.principal(clinic.administrator), values)


def ask_token(client: Client, program: FhirClient, scope: str = "system/*.read", **changed: Any) -> Any:
    claims = {"iss": str(program.pk), "sub": str(program.pk), **changed}
    given = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signing.assertion(f"http://testserver{BASE}/token", **claims),
    }
    return client.post(f"{BASE}/token", given)


@pytest.fixture
def get(client: Client, program: FhirClient) -> Callable[..., Any]:
    """Ask with a token for everything."""
    bearer = ask_token(client, program).json()["access_token"]

    def ask(path: str, **query: str) -> Any:
        return client.get(f"{BASE}/{path}", query, headers={"Authorization": f"Bearer {bearer}"})

    return ask


def problem_of(clinic: Clinic, name: str = "Asthma", code: str = "195967001") -> Any:
    from clinical_assist.record.items import Problem

    return clinic.item(
        "problem", Problem(name=name, codings=(("http://snomed.info/sct", code, name),), on="2020-05-01")
    )


def pressure_of(clinic: Clinic, day: str, value: float = 132.0) -> Any:
    from clinical_assist.record.items import Measurement

    return clinic.item("vital", Measurement(name="Systolic", measure="systolic", value=value, unit="mm[Hg]", on=day))


def test_the_interface_says_what_it_is(client: Client, program: FhirClient) -> None:
    from clinical_assist.fhir.reading import problems

    response = client.get(f"{BASE}/metadata")

    assert response["Content-Type"] == "application/fhir+json"
    assert problems(response.json()) == ""
    assert client.get(f"{BASE}/.well-known/smart-configuration").json()["token_endpoint"].endswith(f"{BASE}/token")


def test_without_a_registered_program_there_is_nothing_here(client: Client, clinic: Clinic) -> None:
    assert client.get(f"{BASE}/metadata").status_code == 404


def test_a_signed_assertion_gets_a_token_that_lives_five_minutes(client: Client, program: FhirClient) -> None:
    given = ask_token(client, program).json()

    assert (given["token_type"], given["expires_in"], given["scope"]) == ("bearer", 300, "system/*.read")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"aud": "https://elsewhere.example/token"}, id="for another server"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"key": "another"}, id="of another key"),
        pytest.param({"sub": "somebody"}, id="for somebody else"),
        pytest.param({"iss": str(uuid4())}, id="of a stranger"),
    ],
)
def test_an_assertion_that_is_not_as_it_must_be_gets_no_token(
    client: Client, program: FhirClient, wrong: dict[str, Any]
) -> None:
    response = ask_token(client, program, **wrong)

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_an_assertion_is_used_once(client: Client, program: FhirClient) -> None:
    first, second = (ask_token(client, program, jti="the-same") for _time in range(2))

    assert (first.status_code, second.status_code) == (200, 401)


def test_only_registered_scopes_are_granted(client: Client, clinic: Clinic, program: FhirClient) -> None:
    from llmasos.accounts.tenancy import acting_in

    with acting_in(clinic.organisation):
        program.scopes = ["system/Observation.rs"]
        program.save()

    granted = ask_token(client, program, "system/Patient.read system/Observation.read").json()

    assert granted["scope"] == "system/Observation.read"
    assert ask_token(client, program, "system/*.read").json()["error"] == "invalid_scope"


def test_a_patient_is_read(get: Callable[..., Read], clinic: Clinic) -> None:
    from clinical_assist.fhir.reading import problems

    found = get(f"Patient/{clinic.patient.pk}").json()

    assert problems(found) == ""
    assert found["name"] == [{"family": "Marsh", "given": ["Ada", "Ruth"]}]


def test_what_is_not_there_is_an_outcome(get: Callable[..., Read]) -> None:
    response = get(f"Patient/{uuid4()}")

    assert (response.status_code, response.json()["issue"][0]["code"]) == (404, "not-found")


def test_items_are_searched_by_patient_and_code(get: Callable[..., Read], clinic: Clinic) -> None:
    problem_of(clinic)
    problem_of(clinic, "Gout", "90560007")

    found = get("Condition", patient=str(clinic.patient.pk), code="http://snomed.info/sct|90560007").json()

    assert [one["resource"]["code"]["text"] for one in found["entry"]] == ["Gout"]


@pytest.mark.parametrize(("date", "count"), [("ge2026-02-01", 1), ("2026-01", 1), ("lt2026-01-01", 0)])
def test_values_are_searched_by_date(get: Callable[..., Read], clinic: Clinic, date: str, count: int) -> None:
    pressure_of(clinic, "2026-01-10")
    pressure_of(clinic, "2026-02-10")

    found = get("Observation", patient=str(clinic.patient.pk), category="vital-signs", date=date).json()

    assert found["total"] == count


def test_pages_lead_to_the_next_one(get: Callable[..., Read], clinic: Clinic) -> None:
    for number in range(3):
        pressure_of(clinic, f"2026-01-1{number}", 120.0 + number)

    first = get("Observation", patient=str(clinic.patient.pk), _count="2").json()
    links = {one["relation"]: one["url"] for one in first["link"]}
    second = get(links["next"].partition(f"{BASE}/")[2]).json()

    assert [one["resource"]["valueQuantity"]["value"] for one in first["entry"]] == [122.0, 121.0]
    assert [one["resource"]["valueQuantity"]["value"] for one in second["entry"]] == [120.0]


def test_where_an_item_comes_from_is_read_under_its_id(get: Callable[..., Read], clinic: Clinic) -> None:
    item = problem_of(clinic)

    found = get(f"Provenance/{item.pk}").json()

    assert found["target"] == [{"reference": f"Condition/{item.pk}"}]


def test_an_identifier_is_posted_and_stands_in_no_address(
    client: Client, program: FhirClient, get: Callable[..., Read], clinic: Clinic
) -> None:
    assert get("Patient", identifier="H-20418").status_code == 400
    bearer = ask_token(client, program).json()["access_token"]

    headers = {"Authorization": f"Bearer {bearer}"}
    assert client.post(f"{BASE}/Patient/_search?identifier=H-20418", headers=headers).status_code == 400

    found = client.post(f"{BASE}/Patient/_search", {"identifier": "H-20418"}, headers=headers).json()

    assert [one["resource"]["id"] for one in found["entry"]] == [str(clinic.patient.pk)]
    assert "H-20418" not in str(found["link"])


def test_a_search_that_is_not_known_is_refused_rather_than_ignored(get: Callable[..., Read], clinic: Clinic) -> None:
    assert get("Condition", patient=str(clinic.patient.pk), onset="2020").status_code == 400


def test_a_token_does_no_more_than_its_scopes(client: Client, program: FhirClient, clinic: Clinic) -> None:
    bearer = ask_token(client, program, "system/Observation.s").json()["access_token"]
    headers = {"Authorization": f"Bearer {bearer}"}

    assert client.get(f"{BASE}/Patient/{clinic.patient.pk}", headers=headers).status_code == 403
    assert client.get(f"{BASE}/Observation", {"patient": str(clinic.patient.pk)}, headers=headers).status_code == 200


def test_a_program_that_is_taken_out_reads_nothing_more(
    client: Client, clinic: Clinic, program: FhirClient, get: Callable[..., Read]
) -> None:
    from clinical_assist.fhir.server.clients import add_client, remove_client

    administrator = clinic.principal(clinic.administrator)
    add_client(administrator, {"name": "Other", "key_set": signing.key_set(), "scopes": ["system/*.rs"]})
    remove_client(administrator, program.pk)

    assert get(f"Patient/{clinic.patient.pk}").status_code == 401


def test_every_read_is_recorded_for_the_patient_with_the_program_as_actor(
    get: Callable[..., Read], clinic: Clinic, program: FhirClient
) -> None:
    from llmasos.audit.models import Entry
    from llmasos.audit.scope import log_of

    problem_of(clinic)
    get("Condition", patient=str(clinic.patient.pk))

    with log_of(clinic.id):
        entry = Entry.objects.get(action="clinical.record_read")
    assert (entry.actor_kind, entry.actor_id, entry.subject_id) == ("fhir_client", program.pk, clinic.patient.pk)
    assert entry.digests == {"part": "fhir.Condition", "count": 1}


def test_programs_are_registered_by_administrators_alone(clinic: Clinic) -> None:
    from django.core.exceptions import PermissionDenied

    from clinical_assist.fhir.server.clients import add_client

    with pytest.raises(PermissionDenied):
        add_client(clinic.principal(), {"name": "Mine", "key_set": signing.key_set(), "scopes": []})


def test_what_was_corrected_since_is_not_read_as_if_it_held(get: Callable[..., Read], clinic: Clinic) -> None:
    from clinical_assist.record.items import Problem
    from clinical_assist.record.services.items import correct_item

    old = problem_of(clinic)
    new = correct_item(clinic.principal(), old.pk, Problem(name="COPD"))

    assert get(f"Condition/{old.pk}").status_code == 404
    assert get(f"Condition/{new.pk}").status_code == 200


def test_a_count_in_other_signs_is_refused_in_words(get: Callable[..., Read], clinic: Clinic) -> None:
    assert get("Condition", patient=str(clinic.patient.pk), _count="²").status_code == 400
