"""Knowledge that is proposed, compared, measured, reviewed by a second person, put in use and rolled back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinical_assist.governance import leads
from clinical_assist.governance.versions import queries, services
from clinical_assist.governance.versions.differences import differences
from clinical_assist.governance.versions.kinds import ContentError
from clinical_assist.governance.versions.services import VersionError
from clinical_assist.knowledge import versions
from clinical_assist.models import KnowledgeVersion
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from tests.clinical_assist.differential.bases import document

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
SMALL = json.dumps(document())


@pytest.fixture(autouse=True)
def _few_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "SIMULATED_CASES", 5)


def _approved(clinic: Clinic, content: str = SMALL) -> KnowledgeVersion:
    version = services.propose(clinic.principal(), "knowledge", content, "Less flu")
    services.measure(clinic.principal(), version.pk)
    return services.review(clinic.principal(clinic.administrator), version.pk, "Looked at all", approve=True)


def test_until_a_version_is_in_use_the_organisation_works_with_what_comes_with_the_application(clinic: Clinic) -> None:
    _approved(clinic)
    with acting_in(clinic.id):
        assert queries.current_content(clinic.id, "knowledge") == versions.built_in()


def test_a_version_in_use_is_replaced_and_rolled_back_to(clinic: Clinic) -> None:
    administrator = clinic.principal(clinic.administrator)
    first, second = _approved(clinic), _approved(clinic, json.dumps(document(noise=0.1)))
    services.activate(administrator, first.pk)
    services.activate(administrator, second.pk)
    services.activate(administrator, first.pk)
    with acting_in(clinic.id):
        assert queries.current_content(clinic.id, "knowledge") == SMALL
        states = dict(KnowledgeVersion.objects.for_organisation(clinic.id).values_list("number", "state"))
    assert states == {1: "active", 2: "retired"}


@pytest.mark.parametrize("kind", ["activate", "back"])
def test_one_version_of_an_organisation_is_put_in_use_at_a_time(clinic: Clinic, kind: str) -> None:
    administrator, version = clinic.principal(clinic.administrator), _approved(clinic)
    with CaptureQueriesContext(connection) as asked:
        if kind == "activate":
            services.activate(administrator, version.pk)
        else:
            services.back_to_built_in(administrator, "knowledge")
    locked = next(n for n, one in enumerate(asked) if "accounts_organisation" in one["sql"] and "UPDATE" in one["sql"])
    read = [n for n, one in enumerate(asked) if "knowledgeversion" in one["sql"]]
    assert locked < read[0]


def test_every_step_is_in_the_log(clinic: Clinic) -> None:
    services.activate(clinic.principal(clinic.administrator), _approved(clinic).pk)
    services.back_to_built_in(clinic.principal(clinic.administrator), "knowledge")
    with acting_in(clinic.id):
        entries = Entry.objects.filter(organisation_id=clinic.id, object_kind="knowledge_version")
        assert set(entries.values_list("action", flat=True)) == {
            "clinical.version_proposed",
            "clinical.version_measured",
            "clinical.version_reviewed",
            "clinical.version_activated",
            "clinical.version_retired",
        }


def test_nobody_reviews_an_own_proposal(clinic: Clinic) -> None:
    administrator = clinic.principal(clinic.administrator)
    version = services.propose(administrator, "knowledge", SMALL, "Less flu")
    with pytest.raises(VersionError, match="Somebody else"):
        services.review(administrator, version.pk, "Fine", approve=True)


def test_who_does_not_govern_reviews_nothing(clinic: Clinic) -> None:
    version = services.propose(clinic.principal(), "knowledge", SMALL, "Less flu")
    with pytest.raises(PermissionDenied):
        services.review(clinic.principal(clinic.colleague), version.pk, "Fine", approve=True)


def test_a_proposal_is_not_put_in_use_unreviewed(clinic: Clinic) -> None:
    version = services.propose(clinic.principal(), "knowledge", SMALL, "Less flu")
    with pytest.raises(VersionError, match="approved in a review"):
        services.activate(clinic.principal(clinic.administrator), version.pk)


def test_tables_that_are_not_consistent_are_refused_with_the_place(clinic: Clinic) -> None:
    wrong = json.dumps(document(conditions={"flu": {"name": "Flu", "rate": 1, "findings": "unheard=0.5"}}))
    with pytest.raises(ContentError, match="Condition flu: unheard is not defined"):
        services.propose(clinic.principal(), "knowledge", wrong, "Oops")


def test_what_is_in_use_already_is_no_proposal(clinic: Clinic) -> None:
    with pytest.raises(ContentError, match="already"):
        services.propose(clinic.principal(), "knowledge", versions.built_in(), "Nothing")


def test_a_changed_likelihood_shows_as_one_changed_condition() -> None:
    changed = versions.with_condition(SMALL, "flu", rate=4, findings={"cough": 0.5, "fever": 0.9})
    (found,) = differences(versions.for_comparison(SMALL), versions.for_comparison(changed))
    assert (found.how, found.name) == ("changed", "Influenza")
    assert [(one.field, one.before, one.after) for one in found.changes] == [
        ("findings.chills", 0.7, None),
        ("findings.cough", 0.8, 0.5),
        ("rate", 5, 4),
    ]


def test_toml_replaces_entries_of_the_same_code_and_keeps_the_others() -> None:
    toml = b'[conditions.cold]\nname = "Head cold"\nrate = 9\nfindings = "cough=0.7"\n'
    knowledge = versions.read(versions.from_files({"change.toml": toml}, SMALL, name="small"))
    assert {one.code: one.name for one in knowledge.conditions} == {
        "flu": "Influenza",
        "cold": "Head cold",
        "eczema": "Eczema",
    }


def test_a_proposal_by_a_form_is_reviewed_on_its_page(client: Client, clinic: Clinic) -> None:
    leads.name_lead(clinic.principal(clinic.administrator), clinic.colleague.pk)
    client.force_login(clinic.doctor, backend=BACKEND)
    condition = "/o/shop/clinical/oversight/knowledge/conditions/influenza/"
    typed = {"rate": "12", "chance-cough": "0.8", "chance-fever": "nine", "note": "Too low"}
    refused = client.post(condition, typed)
    assert refused.status_code == 422
    assert "nine is no number" in refused.content.decode()
    page = client.post(condition, typed | {"chance-fever": "0.9"}, follow=True)
    assert "You proposed it: somebody else reviews it." in page.content.decode()
    assert "findings.headache" in page.content.decode()
    address = page.redirect_chain[-1][0]
    assert "cases from this version" in client.post(f"{address}measure/").content.decode()
    client.force_login(clinic.colleague, backend=BACKEND)
    approved = client.post(f"{address}review/", {"verdict": "approve", "note": "Right"}, follow=True)
    assert "Put in use" in approved.content.decode()
    used = client.post(f"{address}activate/", follow=True)
    assert "Version 1 is in use from now on." in used.content.decode()


def test_a_file_is_proposed_and_one_that_cannot_be_read_is_named(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    page = "/o/shop/clinical/oversight/knowledge/"
    bad = client.post(page, {"tables": SimpleUploadedFile("bad.toml", b"= no"), "note": "x"})
    assert bad.status_code == 422
    assert "bad.toml cannot be read" in bad.content.decode()
    good = client.post(page, {"tables": SimpleUploadedFile("small.json", SMALL.encode()), "note": "Ours"}, follow=True)
    assert "Version 1 is proposed." in good.content.decode()
    assert "conditions: 2 added, 335 removed, 1 changed" in good.content.decode()


def test_a_condition_is_found_by_a_part_of_its_name_or_by_its_code(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    page = "/o/shop/clinical/oversight/knowledge/"
    for words in ("flu", "J10"):
        found = client.post(page, {"q": words}).content.decode()
        assert "conditions/influenza/" in found
        assert "conditions/gout/" not in found
