from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings as SettingsWrapper

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass import permissions, queries, registry, services, stores
from llmasos.privacy.breakglass.errors import NoGrantError, NotAllowedError, NotConfirmedError, NotCoveredError
from llmasos.privacy.breakglass.models import Grant
from llmasos.vault.services import destroy_key

pytestmark = pytest.mark.django_db

PATIENT_ID = uuid4()
NOBODY = UUID(int=0)
PATIENT = Ref("test_patient", PATIENT_ID)
NOTE = "Ward 4 called, the record is needed."
PASSWORD = "correct horse battery"


def describe(organisation_id: UUID, subject_id: UUID) -> str | None:
    known = subject_id == PATIENT.id and Organisation.objects.filter(pk=organisation_id, slug="shop").exists()
    return "Patient 7" if known else None


@pytest.fixture(autouse=True)
def covered() -> Iterator[registry.CoveredKind]:
    yield registry.cover("test_patient", "Patient", roles=["agent"], describe=describe)
    registry.uncover("test_patient")


def principal_of(person: Person, organisation: Organisation, *roles: str) -> Principal:
    return Principal(organisation_id=organisation.pk, kind="person", id=person.pk, roles=frozenset(roles))


@pytest.fixture
def agent(teammate: Person, organisation: Organisation) -> Principal:
    return principal_of(teammate, organisation, "agent")


@pytest.fixture
def administrator(owner: Person, organisation: Organisation) -> Principal:
    return principal_of(owner, organisation, "administrator")


def take(principal: Principal, subject: Ref = PATIENT, note: str = NOTE) -> Grant:
    return services.ask_access(principal, subject, "emergency", note=note, confirmed_at=timezone.now())


def actions(organisation: Organisation) -> list[str]:
    with acting_in(organisation):
        return list(Entry.objects.filter(action__startswith="breakglass.").values_list("action", flat=True))


def allows(principal: Principal, subject: Ref = PATIENT) -> bool:
    with acting_in(principal.organisation_id):
        return permissions.allows(principal, subject)


def test_asking_gives_access_at_once_and_is_recorded_with_whose_data(
    agent: Principal, organisation: Organisation
) -> None:
    assert not allows(agent)
    grant = take(agent)
    assert allows(agent)
    assert grant.expires_at - grant.granted_at == timedelta(minutes=60)
    with acting_in(organisation):
        entry = Entry.objects.get(action="breakglass.granted")
    assert (entry.subject_kind, entry.subject_id, entry.object_id) == ("test_patient", PATIENT.id, grant.pk)
    assert entry.digests["reason"] == "emergency"


def test_access_lasts_no_longer_than_granted(agent: Principal, organisation: Organisation) -> None:
    moment = timezone.now() - timedelta(hours=2)
    with acting_in(organisation):
        Grant.objects.create(
            organisation=organisation,
            subject_kind=PATIENT.kind,
            subject_id=PATIENT_ID,
            person_id=str(agent.id),
            role="agent",
            reason="emergency",
            note=NOTE,
            granted_at=moment,
            expires_at=moment + timedelta(minutes=60),
        )
    assert not allows(agent)


def test_the_person_can_end_it_early(agent: Principal) -> None:
    grant = take(agent)
    services.end_grant(agent, grant.pk)
    assert not allows(agent)
    with pytest.raises(NoGrantError):
        services.end_grant(agent, grant.pk)


def test_nobody_else_can_use_or_end_it(agent: Principal, administrator: Principal) -> None:
    grant = take(agent)
    assert not allows(administrator)
    with pytest.raises(NoGrantError):
        services.end_grant(administrator, grant.pk)


def test_it_opens_one_subject_and_no_other(agent: Principal) -> None:
    take(agent)
    assert not allows(agent, Ref("test_patient", uuid4()))


def test_it_is_worth_nothing_once_the_role_is_lost(agent: Principal) -> None:
    take(agent)
    demoted = Principal(agent.organisation_id, "person", agent.id, frozenset({"student"}))
    assert not allows(demoted)


def test_another_organisation_neither_has_the_subject_nor_sees_the_grant(
    agent: Principal, stranger: Person, other_organisation: Organisation
) -> None:
    grant = take(agent)
    outsider = principal_of(stranger, other_organisation, "agent", "administrator")
    with pytest.raises(NotCoveredError):
        take(outsider)
    assert not allows(outsider)
    with pytest.raises(NoGrantError):
        services.review(outsider, grant.pk, "justified", note=NOTE)


def test_a_role_that_is_not_named_may_not_ask(administrator: Principal) -> None:
    with pytest.raises(NotAllowedError):
        take(administrator)


def test_a_kind_that_no_application_covers_is_refused(agent: Principal) -> None:
    with pytest.raises(NotCoveredError):
        take(agent, Ref("conversation", uuid4()))
    assert set(registry.covered_kinds()) >= {"test_patient"}


@pytest.mark.parametrize("minutes", [None, 11, -1], ids=["never", "too long ago", "in the future"])
def test_a_fresh_proof_of_who_asks_is_needed(agent: Principal, minutes: int | None) -> None:
    confirmed_at = None if minutes is None else timezone.now() - timedelta(minutes=minutes)
    with pytest.raises(NotConfirmedError):
        services.ask_access(agent, PATIENT, "emergency", note=NOTE, confirmed_at=confirmed_at)


@pytest.mark.parametrize(
    ("reason", "note", "minutes"),
    [("curiosity", NOTE, 60), ("emergency", "because", 60), ("emergency", NOTE, 61), ("emergency", NOTE, 1)],
)
def test_reason_words_and_time_are_checked(agent: Principal, reason: str, note: str, minutes: int) -> None:
    with pytest.raises(ValidationError):
        services.ask_access(
            agent, PATIENT, reason, note=note, confirmed_at=timezone.now(), duration=timedelta(minutes=minutes)
        )


def test_a_form_that_is_sent_twice_gives_one_grant(agent: Principal, organisation: Organisation) -> None:
    assert take(agent).pk == take(agent).pk
    assert actions(organisation) == ["breakglass.granted"]


def test_the_words_are_sealed_under_the_subjects_key(agent: Principal, organisation: Organisation) -> None:
    grant = take(agent)
    with acting_in(organisation):
        stored: Any = Grant.objects.filter(pk=grant.pk).values_list("note", flat=True).get()
        assert NOTE.encode() not in stored.blob
        assert Grant.objects.get(pk=grant.pk).note == NOTE


def test_the_application_cannot_lengthen_a_grant_in_the_database(agent: Principal, organisation: Organisation) -> None:
    grant = take(agent)
    with acting_in(organisation), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() + timedelta(days=9))


def test_follow_up_keeps_a_grant_in_the_queue_and_a_finding_closes_it(
    agent: Principal, administrator: Principal, organisation: Organisation
) -> None:
    grant = take(agent)
    services.review(administrator, grant.pk, "follow_up", note="Asked the ward, waiting.")
    with acting_in(organisation):
        assert queries.queue(organisation.pk).open == 1
    services.review(administrator, grant.pk, "justified", note="The ward confirmed it.")
    with acting_in(organisation):
        assert queries.queue(organisation.pk).open == 0
    assert actions(organisation).count("breakglass.reviewed") == 2


def test_nobody_reviews_their_own_access(organisation: Organisation, teammate: Person) -> None:
    both = principal_of(teammate, organisation, "agent", "administrator")
    grant = take(both)
    with pytest.raises(NotAllowedError):
        services.review(both, grant.pk, "justified", note="It was me, it is fine.")


@pytest.mark.parametrize("role", ["agent", "auditor"])
def test_only_administrators_review(agent: Principal, stranger: Person, organisation: Organisation, role: str) -> None:
    grant = take(agent)
    with pytest.raises(NotAllowedError):
        services.review(principal_of(stranger, organisation, role), grant.pk, "justified", note="Looks fine to me.")


def test_a_review_that_is_three_days_late_is_overdue(agent: Principal, organisation: Organisation) -> None:
    moment = timezone.now() - timedelta(hours=73)
    with acting_in(organisation):
        Grant.objects.create(
            organisation=organisation,
            subject_kind=PATIENT.kind,
            subject_id=PATIENT_ID,
            person_id=str(agent.id),
            role="agent",
            reason="emergency",
            note=NOTE,
            granted_at=moment,
            expires_at=moment + timedelta(minutes=60),
        )
        assert queries.queue(organisation.pk) == queries.Queue(open=1, overdue=1, active=0)


def test_administrators_get_an_email_that_names_nobody(
    agent: Principal, administrator: Principal, organisation: Organisation, settings: SettingsWrapper
) -> None:
    settings.EMAIL_FALLBACK_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    take(agent)
    assert services.announce_waiting(organisation.pk) == 1
    assert services.announce_waiting(organisation.pk) == 0
    (message,) = mail.outbox
    assert message.to == ["owner@shop.example"]
    for secret in (NOTE, str(PATIENT.id), "Patient 7", "Teammate", "teammate@shop.example"):
        assert secret not in f"{message.subject} {message.body}"


def test_without_a_mail_server_the_queue_is_the_notice(agent: Principal, organisation: Organisation) -> None:
    take(agent)
    assert services.announce_waiting(organisation.pk) == 0
    with acting_in(organisation):
        assert queries.queue(organisation.pk).open == 1


def test_erasing_the_subject_takes_the_words_and_leaves_the_fact(agent: Principal, organisation: Organisation) -> None:
    grant = take(agent)
    with acting_in(organisation):
        assert stores.export(organisation.pk, PATIENT)[0]["note"] == NOTE
        assert stores.erase(organisation.pk, PATIENT) == 1
        destroy_key(organisation_id=organisation.pk, subject_kind=PATIENT.kind, subject_id=PATIENT_ID)
        assert Grant.objects.get(pk=grant.pk).note is None


def test_only_reviewed_grants_expire(agent: Principal, administrator: Principal, organisation: Organisation) -> None:
    grant = take(agent)
    later = timezone.now() + timedelta(days=1)
    with acting_in(organisation):
        assert stores.expire(organisation.pk, later, frozenset()) == 0
    services.review(administrator, grant.pk, "justified", note="The ward confirmed it.")
    with acting_in(organisation):
        assert stores.expire(organisation.pk, later, frozenset({PATIENT})) == 0
        assert stores.expire(organisation.pk, later, frozenset()) == 1


ASK = f"/o/shop/privacy/break-glass/?subject=test_patient:{PATIENT.id}"


def sign_in(client: Client, person: Person) -> None:
    client.force_login(person)


def prove(client: Client, address: str, password: str = PASSWORD) -> int:
    """Follow the page's redirect to the proof and give it."""
    proof = client.get(address)["Location"]
    return client.post(proof, {"password": password}).status_code


def test_the_page_asks_for_a_proof_then_a_reason_and_goes_back(client: Client, teammate: Person) -> None:
    sign_in(client, teammate)
    address = f"{ASK}&next=/o/shop/"
    assert client.get(address)["Location"].startswith("/accounts/reauthenticate/")
    assert prove(client, address) == 302
    assert "Patient 7" in client.get(address).content.decode()
    answer = client.post(address, {"reason": "emergency", "note": NOTE, "minutes": "30"})
    assert (answer.status_code, answer["Location"]) == (302, "/o/shop/")


def test_a_wrong_password_opens_nothing(client: Client, teammate: Person, organisation: Organisation) -> None:
    sign_in(client, teammate)
    assert prove(client, ASK, "wrong horse") == 200
    assert client.get(ASK).status_code == 302
    answer = client.post(ASK, {"reason": "emergency", "note": NOTE, "minutes": "30"})
    assert answer.status_code == 422
    assert actions(organisation) == []
    with acting_in(organisation):
        assert Entry.objects.filter(action="accounts.sign_in_failed").exists()


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/o/clinic/", "javascript:alert(1)"])
def test_the_page_leads_nowhere_else(client: Client, teammate: Person, address: str) -> None:
    sign_in(client, teammate)
    prove(client, ASK)
    answer = client.post(f"{ASK}&next={address}", {"reason": "emergency", "note": NOTE, "minutes": "30"})
    assert answer["Location"].startswith("/o/shop/privacy/break-glass/?subject=")


@pytest.mark.parametrize("subject", ["test_patient:nothing", f"test_patient:{NOBODY}", f"stranger:{NOBODY}", ""])
def test_an_unknown_subject_is_not_found(client: Client, teammate: Person, subject: str) -> None:
    sign_in(client, teammate)
    assert client.get(f"/o/shop/privacy/break-glass/?subject={subject}").status_code == 404


def test_a_role_that_may_not_ask_is_refused_on_the_page_and_in_the_log(
    client: Client, owner: Person, organisation: Organisation
) -> None:
    sign_in(client, owner)
    assert client.get(ASK).status_code == 403
    assert actions(organisation) == ["breakglass.refused"]


def test_the_queue_shows_and_takes_a_finding(
    client: Client, agent: Principal, owner: Person, organisation: Organisation
) -> None:
    grant = take(agent)
    sign_in(client, owner)
    assert "Danger to life or health" in client.get("/o/shop/privacy/break-glass/reviews/").content.decode()
    page = f"/o/shop/privacy/break-glass/reviews/{grant.pk}/"
    assert NOTE in client.get(page).content.decode()
    assert client.post(page, {"verdict": "justified", "note": "The ward confirmed it."}).status_code == 302
    assert actions(organisation).count("breakglass.reason_read") == 1


def test_an_auditor_reads_and_cannot_review(client: Client, agent: Principal, organisation: Organisation) -> None:
    grant = take(agent)
    auditor = Person.objects.create_user("auditor@shop.example", PASSWORD)
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=auditor, role="auditor")
    sign_in(client, auditor)
    page = f"/o/shop/privacy/break-glass/reviews/{grant.pk}/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"verdict": "justified", "note": "Looks fine to me."}).status_code == 403
