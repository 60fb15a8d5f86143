from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.clinical_assist.fhir import bundles, signing
from tests.clinical_assist.fhir.test_importing import imported, newcomer

if TYPE_CHECKING:
    from django.test import Client

    from clinical_assist.models import FhirImport
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
IMPORTS = "/o/shop/clinical/imports/"
SYSTEMS = "/o/shop/clinical/systems/"


def uploaded(client: Client, clinic: Clinic, content: bytes) -> str:
    """Upload a file as the doctor and return the address of its page."""
    client.force_login(clinic.doctor)
    response = client.post(IMPORTS, {"file": SimpleUploadedFile("record.json", content)})
    assert response.status_code == 302, response.content
    return str(response["Location"])


def job_of(clinic: Clinic) -> FhirImport:
    from clinical_assist.models import FhirImport
    from llmasos.accounts.tenancy import acting_in

    with acting_in(clinic.organisation):
        return FhirImport.objects.for_organisation(clinic.id).latest("created_at")


def confirmed(client: Client, clinic: Clinic, address: str) -> None:
    """Confirm an upload and do what the worker does."""
    from clinical_assist.fhir import jobs

    client.post(f"{address}act/", {"act": "import"})
    jobs.work(clinic.id, job_of(clinic).pk)


def test_imports_are_told_apart_by_whose_records_came_and_what_became_of_them(client: Client, clinic: Clinic) -> None:
    confirmed(client, clinic, uploaded(client, clinic, bundles.record()))
    uploaded(client, clinic, bundles.record())
    page = client.get(IMPORTS).content.decode()
    assert ("Osei, Kwame Kofi" in page, "record.json" in page, "New 1" in page) == (True, True, True)
    client.force_login(clinic.colleague)
    assert "Osei" not in client.get(IMPORTS).content.decode()


def test_an_upload_is_shown_before_anything_is_written(client: Client, clinic: Clinic) -> None:
    from clinical_assist.models import Patient
    from llmasos.accounts.tenancy import acting_in

    page = client.get(uploaded(client, clinic, bundles.record())).content.decode()

    assert "Osei, Kwame Kofi" in page
    assert "New here: you become responsible" in page
    with acting_in(clinic.organisation):
        assert Patient.objects.for_organisation(clinic.id).count() == 1


def test_somebody_with_a_number_that_is_here_is_pointed_out(client: Client, clinic: Clinic) -> None:
    like = bundles.patient(identifier=[{"value": "H-20418"}])

    page = client.get(uploaded(client, clinic, bundles.bundle(like))).content.decode()

    assert "look, and merge them after" in page


def test_a_confirmed_upload_is_imported_and_its_file_is_gone(client: Client, clinic: Clinic) -> None:
    address = uploaded(client, clinic, bundles.record())

    confirmed(client, clinic, address)

    job = job_of(clinic)
    assert (job.state, job.counts["created"]) == ("done", 11)
    assert "Take the import back" in client.get(address).content.decode()
    from llmasos.accounts.tenancy import acting_in

    with acting_in(clinic.organisation):
        assert job_of(clinic).upload == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b"plain words"])
def test_a_file_of_another_type_is_refused_in_words(client: Client, clinic: Clinic, content: bytes) -> None:
    client.force_login(clinic.doctor)

    response = client.post(IMPORTS, {"file": SimpleUploadedFile("record.pdf", content)})

    assert response.status_code == 422
    assert "This is no JSON file" in response.content.decode()


def test_a_bundle_of_which_nothing_can_be_taken_says_why_and_what_to_do(client: Client, clinic: Clinic) -> None:
    empty = json.dumps({"resourceType": "Bundle", "type": "collection"}).encode()

    page = client.get(uploaded(client, clinic, empty)).content.decode()

    assert "Nothing of this file can be taken" in page
    assert "No patient" not in page


def test_nobody_else_sees_an_upload(client: Client, clinic: Clinic) -> None:
    address = uploaded(client, clinic, bundles.record())
    client.force_login(clinic.colleague)

    assert client.get(address).status_code == 404


def test_an_import_is_taken_back_as_a_whole(client: Client, clinic: Clinic) -> None:
    from clinical_assist.models import Patient, RecordItem
    from llmasos.accounts.tenancy import acting_in

    address = uploaded(client, clinic, bundles.record())
    confirmed(client, clinic, address)

    client.post(f"{address}act/", {"act": "undo"})

    with acting_in(clinic.organisation):
        assert Patient.objects.for_organisation(clinic.id).count() == 1
        assert RecordItem.objects.for_organisation(clinic.id).count() == 0


def test_taking_an_import_back_puts_back_what_it_replaced(clinic: Clinic) -> None:
    from clinical_assist.fhir.undoing import undo
    from tests.clinical_assist.fhir.test_importing import items

    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure()))
    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure(systolic=148)))

    undo(clinic.principal(), job_of(clinic).pk)

    assert {one.value for one in items(clinic, "vital")} == {152.0, 94.0}  # type: ignore[attr-defined]


def test_who_is_of_the_care_team_no_more_takes_nothing_back(clinic: Clinic) -> None:
    from clinical_assist.fhir.errors import FhirError
    from clinical_assist.fhir.undoing import undo
    from clinical_assist.models import CareTeamMember
    from llmasos.accounts.tenancy import acting_in

    imported(clinic, bundles.bundle(bundles.patient()))
    with acting_in(clinic.organisation):
        CareTeamMember.objects.for_organisation(clinic.id).update(until=timezone.now())

    with pytest.raises(FhirError, match="not of the care team"):
        undo(clinic.principal(), job_of(clinic).pk)


def test_an_import_stays_where_somebody_wrote_into_the_record(clinic: Clinic) -> None:
    from clinical_assist.fhir.errors import FhirError
    from clinical_assist.fhir.undoing import undo
    from clinical_assist.models import RecordItem
    from clinical_assist.record.items import Problem
    from llmasos.accounts.tenancy import acting_in

    imported(clinic, bundles.record())
    with acting_in(clinic.organisation):
        RecordItem.objects.create(
            organisation=clinic.organisation, patient=newcomer(clinic), kind="problem",
            content=Problem(name="Gout").content(),
        )  # fmt: skip

    with pytest.raises(FhirError, match="Something was added"):
        undo(clinic.principal(), job_of(clinic).pk)


def test_the_care_team_downloads_a_record_from_its_page(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor)
    address = f"/o/shop/clinical/patients/{clinic.patient.pk}/"
    assert f'action="{address}fhir/"' in client.get(address).content.decode()

    response = client.post(f"{address}fhir/")

    assert json.loads(response.content)["resourceType"] == "Bundle"
    assert "Marsh" not in response["Content-Disposition"]


def program(**changed: Any) -> dict[str, Any]:
    return {
        "kind": "program", "program-name": "Registry", "program-scopes": ["system/Patient.rs"],
        "program-key_set": json.dumps(signing.key_set()), **changed,
    }  # fmt: skip


def test_an_administrator_registers_a_program_and_takes_it_out(client: Client, clinic: Clinic) -> None:
    from clinical_assist.models import FhirClient
    from llmasos.accounts.tenancy import acting_in

    client.force_login(clinic.administrator)
    client.post(SYSTEMS, program())
    with acting_in(clinic.organisation):
        made = FhirClient.objects.for_organisation(clinic.id).get()
    assert str(made.pk) in client.get(SYSTEMS).content.decode()

    client.post(f"{SYSTEMS}program/{made.pk}/remove/")

    assert str(made.pk) not in client.get(SYSTEMS).content.decode()


def test_a_private_key_is_not_taken(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.administrator)
    given = signing.key_set()
    given["keys"][0]["d"] = "secret"

    response = client.post(SYSTEMS, program(**{"program-key_set": json.dumps(given)}))

    assert response.status_code == 422
    assert "This holds a private key" in response.content.decode()


def test_an_administrator_registers_a_system_that_asks_for_checks(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.administrator)
    given = {
        "kind": "caller", "caller-name": "Records", "caller-issuer": signing.ISSUER,
        "caller-key_set": json.dumps(signing.key_set()), "caller-origins": "https://records.example",
    }  # fmt: skip

    client.post(SYSTEMS, given)

    assert client.get("/o/shop/cds-services").status_code == 200
    assert client.post(SYSTEMS, given).status_code == 422


def test_clinicians_register_nothing(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor)

    assert client.get(SYSTEMS).status_code == 403


def test_an_import_stays_where_a_note_was_written_since_and_may_stand_on_it(clinic: Clinic) -> None:
    from clinical_assist.fhir.errors import FhirError
    from clinical_assist.fhir.undoing import undo
    from clinical_assist.notes.services import make_draft
    from clinical_assist.record.services.encounters import start_encounter

    imported(clinic, bundles.bundle(bundles.patient()))
    visit = start_encounter(clinic.principal(), newcomer(clinic).pk, reason="Ankles")
    imported(clinic, bundles.bundle(bundles.patient(), bundles.potassium()))
    make_draft(clinic.principal(), visit.pk)

    with pytest.raises(FhirError, match="may stand on it"):
        undo(clinic.principal(), job_of(clinic).pk)


def test_an_idle_screen_shows_no_upload(client: Client, clinic: Clinic) -> None:
    address = uploaded(client, clinic, bundles.record())
    session = client.session
    session["clinical_seen"] = int(time.time()) - 301
    session.save()

    assert client.get(address).status_code == 302
