from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy import queries, services
from llmasos.privacy.errors import NotAllowedError, PrivacyError, RequestClosedError
from llmasos.privacy.models import Erasure, Request
from llmasos.privacy.services.requests import months_after
from support_bot.models import Visitor
from support_bot.visitors import visitor_principal


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 1, datetime(2026, 12, 23, 9, tzinfo=UTC)),
        (datetime(2026, 12, 5, tzinfo=UTC), 1, datetime(2027, 1, 5, tzinfo=UTC)),
        (datetime(2027, 1, 31, tzinfo=UTC), 1, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 11, 30, tzinfo=UTC), 3, datetime(2027, 2, 28, tzinfo=UTC)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(start: datetime, months: int, due: datetime) -> None:
    assert months_after(start, months) == due


@pytest.fixture
def request_of_visitor(visitor: Visitor, as_subject: Ref) -> Request:
    return services.make_request(visitor_principal(visitor), as_subject, "correction", details="My name is Ada")


def test_a_request_is_due_a_month_after_it_came(request_of_visitor: Request) -> None:
    assert request_of_visitor.due_at == months_after(request_of_visitor.received_at, 1)


def test_what_was_asked_is_sealed_under_the_subjects_key(request_of_visitor: Request) -> None:
    from django.db import connection

    with acting_in(request_of_visitor.organisation_id), connection.cursor() as cursor:
        cursor.execute("SELECT details FROM privacy_request WHERE id = %s", [request_of_visitor.pk])
        row = cursor.fetchone()
        assert row is not None
        assert b"Ada" not in bytes(row[0])
        assert Request.objects.get(pk=request_of_visitor.pk).details == "My name is Ada"


def test_nobody_asks_for_somebody_else(as_subject: Ref, officer: Principal) -> None:
    other = Principal(organisation_id=officer.organisation_id, kind="visitor", id=uuid4())

    with pytest.raises(NotAllowedError):
        services.make_request(other, as_subject, "erasure")


def test_more_time_can_be_taken_once_with_a_reason(officer: Principal, request_of_visitor: Request) -> None:
    extended = services.extend(officer, request_of_visitor.pk, reason="Many stores")
    assert extended.due_at == months_after(extended.received_at, 3)

    with pytest.raises(PrivacyError, match="again"):
        services.extend(officer, request_of_visitor.pk, reason="Still")


def test_a_refusal_closes_the_request_and_keeps_its_reason_sealed(
    officer: Principal, request_of_visitor: Request
) -> None:
    services.refuse(officer, request_of_visitor.pk, reason="It is not wrong")

    with acting_in(officer.organisation_id):
        stored = Request.objects.get(pk=request_of_visitor.pk)
        assert (stored.state, stored.decision_reason) == ("refused", "It is not wrong")
    with pytest.raises(RequestClosedError):
        services.accept(officer, request_of_visitor.pk)


def test_decisions_stand_in_the_log(officer: Principal, request_of_visitor: Request) -> None:
    services.take_on(officer, request_of_visitor.pk)
    services.accept(officer, request_of_visitor.pk)

    with acting_in(officer.organisation_id):
        recorded = Entry.objects.filter(object_id=request_of_visitor.pk).values_list("action", flat=True)
        assert set(recorded) == {"privacy.request_made", "privacy.request_taken_on", "privacy.request_accepted"}


def test_an_accepted_erasure_closes_its_request_when_it_is_done(
    officer: Principal, visitor: Visitor, as_subject: Ref, valkey: object
) -> None:
    request = services.make_request(visitor_principal(visitor), as_subject, "erasure", details="Please forget me")
    services.add_note(officer, request.pk, text="Asked by telephone as well")

    services.accept(officer, request.pk)
    with acting_in(officer.organisation_id):
        erasure = Erasure.objects.get(subject_id=visitor.pk)
    services.carry_out(officer.organisation_id, erasure.pk)

    with acting_in(officer.organisation_id):
        stored = Request.objects.get(pk=request.pk)
        assert stored.state == "done"
        assert stored.details is None
        assert not stored.notes.exists()


def test_a_subject_cannot_flood_the_work_list(visitor: Visitor, as_subject: Ref) -> None:
    for _ in range(5):
        services.make_request(visitor_principal(visitor), as_subject, "correction")

    with pytest.raises(PrivacyError, match="open requests"):
        services.make_request(visitor_principal(visitor), as_subject, "access")


def test_consent_names_the_version_that_was_shown(officer: Principal, visitor: Visitor, as_subject: Ref) -> None:
    services.publish_text(officer, purpose="research", text="We study answers.")
    services.publish_text(officer, purpose="research", text="We study questions and answers.")

    consent = services.give_consent(visitor_principal(visitor), as_subject, purpose="research")

    assert consent.text.version == 2
    assert len(consent.text.digest) == 64


def test_a_withdrawn_consent_holds_no_longer_and_stays_on_record(
    officer: Principal, visitor: Visitor, as_subject: Ref
) -> None:
    services.publish_text(officer, purpose="research", text="We study answers.")
    services.give_consent(officer, as_subject, purpose="research")

    services.withdraw_consent(visitor_principal(visitor), as_subject, purpose="research")

    with acting_in(officer.organisation_id):
        assert not queries.has_consent(officer.organisation_id, as_subject, "research")
        assert queries.consents_of(officer.organisation_id, as_subject).count() == 1


def test_the_same_words_keep_their_version(officer: Principal) -> None:
    first = services.publish_text(officer, purpose="research", text="We study answers.")

    assert services.publish_text(officer, purpose="research", text="We study answers. ").pk == first.pk


def test_a_member_is_told_names_in_who_saw_my_data(officer: Principal, owner: Person, teammate: Person) -> None:
    subject = Ref("person", teammate.pk)
    with acting_in(officer.organisation_id):
        services.hold_subject(officer, subject, reason="Case 17")
        entries = queries.entries_about(officer.organisation_id, subject)
        named = queries.in_words(entries, subject, names=True)[0]
        unnamed = queries.in_words(entries, subject, names=False)[0]
    assert (named.who, named.what) == ("Owner · Administrator", "Legal hold placed")
    assert unnamed.who == "Administrator"
