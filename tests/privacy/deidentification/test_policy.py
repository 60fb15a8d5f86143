"""The page, the versions of the policy, and the maps that lead back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, transaction
from django.test import Client

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy.deidentification import locating, queries, services
from llmasos.privacy.deidentification.models import Policy, SurrogateMap
from llmasos.privacy.deidentification.pipeline import locate
from llmasos.privacy.deidentification.types import EntityType, Finding
from llmasos.vault.errors import KeyDestroyedError
from llmasos.vault.services import destroy_key

PAGE = "/o/shop/privacy/deidentification/"
TEXT = "My name is Ngozi Adeyemi, mail ngozi@example.com."


@pytest.fixture(autouse=True)
def patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings come from patterns alone, without a worker."""

    def found(principal: Principal, asked: locating.Asked) -> list[list[Finding]]:
        return [
            locate(text, known=asked.known, types=asked.types, threshold=asked.threshold, entities=False)
            for text in asked.texts
        ]

    monkeypatch.setattr(locating, "_locator", found)


@pytest.fixture
def as_owner(client: Client, owner: Person) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def as_auditor(organisation: Organisation) -> Client:
    person = Person.objects.create_user("auditor@shop.example", "correct horse battery")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role="auditor")
    client = Client()
    client.force_login(person)
    return client


def form(**changes: str) -> dict[str, str]:
    kept = dict.fromkeys(EntityType.values, "surrogate")
    return {**kept, "threshold": "0.5", "protects_outside": "on", **changes}


def test_the_preview_marks_what_is_found_with_rule_and_score(as_owner: Client) -> None:
    page = as_owner.post(f"{PAGE}preview", {"text": TEXT}).content.decode()
    assert "<mark>Ngozi Adeyemi" in page
    assert "name.said" in page
    assert "0.95" in page


def test_the_preview_answers_htmx_with_the_result_alone(as_owner: Client) -> None:
    page = as_owner.post(f"{PAGE}preview", {"text": TEXT}, headers={"HX-Request": "true"}).content.decode()
    assert "<mark>" in page
    assert "<html" not in page


def test_what_was_tried_is_recorded_without_its_text(as_owner: Client, organisation: Organisation) -> None:
    as_owner.post(f"{PAGE}preview", {"text": TEXT})
    with acting_in(organisation):
        entry = Entry.objects.get(action="deidentification.preview")
    assert "Ngozi" not in str(vars(entry))


def test_an_empty_preview_is_refused_in_words(as_owner: Client) -> None:
    answer = as_owner.post(f"{PAGE}preview", {"text": ""})
    assert answer.status_code == 422


def test_a_preview_without_a_worker_says_so(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(principal: Principal, asked: locating.Asked) -> list[list[Finding]]:
        raise locating.NotLocatedError("away")

    monkeypatch.setattr(locating, "_locator", absent)
    answer = as_owner.post(f"{PAGE}preview", {"text": TEXT})
    assert answer.status_code == 503
    assert "No models worker answered" in answer.content.decode()


def test_saving_makes_a_version_that_holds(as_owner: Client, organisation: Organisation) -> None:
    as_owner.post(f"{PAGE}policy", form(email="redact"))
    as_owner.post(f"{PAGE}policy", form(email="mask", threshold="0.7"))
    rules = queries.current_rules(organisation.pk)
    assert (rules.version, rules.treatment("email"), rules.threshold) == (2, "mask", 0.7)


def test_a_changed_policy_is_recorded(as_owner: Client, organisation: Organisation) -> None:
    as_owner.post(f"{PAGE}policy", form())
    with acting_in(organisation):
        assert Entry.objects.filter(action="deidentification.set_policy").count() == 1


def test_a_version_is_never_changed(as_owner: Client, organisation: Organisation) -> None:
    as_owner.post(f"{PAGE}policy", form())
    with acting_in(organisation), pytest.raises(ProgrammingError), transaction.atomic():
        Policy.objects.for_organisation(organisation).update(threshold=0.9)


def test_an_auditor_reads_and_does_not_change(as_auditor: Client) -> None:
    assert as_auditor.get(PAGE).status_code == 200
    assert b"Save as a new version" not in as_auditor.get(PAGE).content
    assert as_auditor.post(f"{PAGE}policy", form()).status_code == 403


def test_an_agent_does_not_see_the_page(client: Client, teammate: Person) -> None:
    client.force_login(teammate)
    assert client.get(PAGE).status_code == 403


def test_a_policy_is_the_organisations_own(
    owner: Person, organisation: Organisation, other_organisation: Organisation
) -> None:
    services.set_policy(system(organisation), treatments={"email": "mask"}, threshold=0.5, protects_outside=False)
    assert queries.current_rules(other_organisation.pk).version == 0


def test_only_an_administrator_sets_the_policy(organisation: Organisation, teammate: Person) -> None:
    agent = Principal(organisation_id=organisation.pk, kind="person", id=teammate.pk, roles=frozenset({"agent"}))
    with pytest.raises(PermissionDenied):
        services.set_policy(agent, treatments={}, threshold=0.5, protects_outside=True)


def test_known_identifiers_cannot_be_left(organisation: Organisation) -> None:
    with pytest.raises(ValidationError):
        services.set_policy(system(organisation), treatments={"known": "keep"}, threshold=0.5, protects_outside=True)


def test_a_type_that_is_kept_is_left_alone(organisation: Organisation) -> None:
    services.set_policy(system(organisation), treatments={"email": "keep"}, threshold=0.5, protects_outside=True)
    assert "ngozi@example.com" in services.deidentify(system(organisation), TEXT).text


def test_a_subject_keeps_one_surrogate_over_texts(organisation: Organisation) -> None:
    subject = Ref("patient", uuid4())
    first, second = (
        services.deidentify(system(organisation), text, subject=subject, known=["Rose Hall"]).text
        for text in ("Seen: Rose Hall", "Again: Rose Hall")
    )
    assert first.removeprefix("Seen: ") == second.removeprefix("Again: ") != "Rose Hall"


def test_a_kept_map_leads_back_and_the_read_is_recorded(organisation: Organisation) -> None:
    subject, principal = Ref("patient", uuid4()), system(organisation)
    result = services.deidentify(principal, TEXT, subject=subject)
    map_id = services.keep_map(principal, result, subject=subject)
    assert "Ngozi Adeyemi" in services.originals_of(principal, map_id).values()
    with acting_in(organisation):
        assert Entry.objects.filter(action="deidentification.restore").exists()
        assert b"Ngozi" not in bytes(SurrogateMap.objects.get(pk=map_id).sealed)


def test_a_map_cannot_be_read_once_its_subject_is_erased(organisation: Organisation) -> None:
    subject, principal = Ref("patient", uuid4()), system(organisation)
    map_id = services.keep_map(principal, services.deidentify(principal, TEXT, subject=subject), subject=subject)
    assert subject.id is not None
    with acting_in(organisation):
        destroy_key(organisation_id=organisation.pk, subject_kind=subject.kind, subject_id=subject.id)
    with pytest.raises(KeyDestroyedError):
        services.originals_of(principal, map_id)


def system(organisation: Organisation) -> Principal:
    return Principal(organisation_id=organisation.pk, kind="system")
