from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.errors import ErasureBlockedError, NotAllowedError, UnknownSubjectError
from llmasos.privacy.models import Erasure, ErasureState
from llmasos.vault.errors import KeyDestroyedError
from llmasos.vault.models import SubjectKey
from llmasos.vault.services import data_key
from support_bot.models import Message, Visitor
from tests.privacy.conftest import Say

if TYPE_CHECKING:
    import redis

pytestmark = pytest.mark.usefixtures("valkey")


def test_nothing_of_an_erased_visitor_is_left_in_its_stores(
    officer: Principal, visitor: Visitor, as_subject: Ref, say: Say
) -> None:
    say(visitor, "My parcel 4711 has not come")

    services.erase_now(officer, as_subject)

    with acting_in(officer.organisation_id):
        assert not Visitor.objects.filter(pk=visitor.pk).exists()
        assert not Message.objects.filter(visitor_id=visitor.pk).exists()


def test_the_key_is_destroyed_and_never_made_anew(
    officer: Principal, as_subject: Ref, visitor: Visitor, say: Say
) -> None:
    say(visitor, "Hello")

    services.erase_now(officer, as_subject)

    with acting_in(officer.organisation_id), pytest.raises(KeyDestroyedError):
        data_key(organisation_id=officer.organisation_id, subject_kind="visitor", subject_id=visitor.pk)


def test_other_visitors_keep_what_they_said(officer: Principal, visitor: Visitor, as_subject: Ref, say: Say) -> None:
    from support_bot.visitors import add_visitor

    with acting_in(officer.organisation_id):
        other, _token = add_visitor(visitor.site)
    kept = say(other, "Where is my order?")

    services.erase_now(officer, as_subject)

    with acting_in(officer.organisation_id):
        assert Message.objects.get(pk=kept.pk).text == "Where is my order?"


def test_the_report_lists_every_store_with_counts_and_the_log_holds_its_digest(
    officer: Principal, visitor: Visitor, as_subject: Ref, say: Say
) -> None:
    say(visitor, "My parcel 4711 has not come")

    erasure = services.erase_now(officer, as_subject)

    listed = {store["store"]: store["removed"] for store in erasure.report["stores"]}
    assert listed["vault.keys"] == 1
    assert listed["support.conversations"] == 4  # visitor, conversation, question, row of the answer
    assert {"audit.entries", "audit.payloads", "inference.runs", "privacy.requests"} <= set(listed)
    assert erasure.report_digest == services.report_digest(json.loads(json.dumps(erasure.report)))
    with acting_in(officer.organisation_id):
        entry = Entry.objects.get(action="privacy.erased", object_id=erasure.pk)
    assert entry.digests["report"] == erasure.report_digest


def test_the_report_holds_nothing_that_was_said(
    officer: Principal, visitor: Visitor, as_subject: Ref, say: Say
) -> None:
    say(visitor, "Kanarienvogel")

    erasure = services.erase_now(officer, as_subject)

    assert "Kanarienvogel" not in json.dumps([erasure.report, erasure.steps])


def test_an_erasure_that_broke_off_goes_on_where_it_stopped(
    officer: Principal, visitor: Visitor, as_subject: Ref, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(visitor, "Hello")
    with monkeypatch.context() as broken:
        broken.setattr("support_bot.widget.limits.forget_visitor", _power_cut)
        with pytest.raises(KeyboardInterrupt):
            services.erase_now(officer, as_subject)
    with acting_in(officer.organisation_id):
        begun = Erasure.objects.get(subject_id=visitor.pk)
        assert begun.state == ErasureState.RUNNING
        assert Visitor.objects.filter(pk=visitor.pk).exists()

    finished = services.carry_out(officer.organisation_id, begun.pk)

    assert finished.state == ErasureState.DONE
    assert [store["store"] for store in finished.report["stores"]].count("vault.keys") == 1
    with acting_in(officer.organisation_id):
        assert not Visitor.objects.filter(pk=visitor.pk).exists()


def _power_cut(*_args: object) -> int:
    raise KeyboardInterrupt


def test_an_erasure_delivered_twice_changes_nothing_the_second_time(
    officer: Principal, as_subject: Ref, journal: Path
) -> None:
    first = services.erase_now(officer, as_subject)

    second = services.carry_out(officer.organisation_id, first.pk)

    assert second.report == first.report
    assert len(journal.read_text().splitlines()) == 1
    with acting_in(officer.organisation_id):
        assert Entry.objects.filter(action="privacy.erased").count() == 1


def test_a_legal_hold_on_the_subject_blocks_with_its_reason(
    officer: Principal, visitor: Visitor, as_subject: Ref
) -> None:
    services.hold_subject(officer, as_subject, reason="Case 17 at the district court")

    with pytest.raises(ErasureBlockedError, match="Case 17 at the district court"):
        services.erase_now(officer, as_subject)

    with acting_in(officer.organisation_id):
        assert Visitor.objects.filter(pk=visitor.pk).exists()


def test_a_legal_hold_on_a_class_blocks_whoever_has_data_of_it(
    officer: Principal, as_subject: Ref, visitor: Visitor, say: Say
) -> None:
    say(visitor, "Hello")
    services.hold_class(officer, "conversations", reason="Product recall")

    with pytest.raises(ErasureBlockedError, match="Product recall"):
        services.erase_now(officer, as_subject)


def test_a_lifted_hold_no_longer_blocks(officer: Principal, as_subject: Ref) -> None:
    hold = services.hold_subject(officer, as_subject, reason="Case 17")
    services.lift_hold(officer, hold.pk)

    assert services.erase_now(officer, as_subject).state == ErasureState.DONE


def test_the_erasure_stands_in_the_journal(officer: Principal, as_subject: Ref, journal: Path) -> None:
    services.erase_now(officer, as_subject)

    assert str(as_subject.id) in journal.read_text()


def test_an_erasure_is_refused_where_the_journal_cannot_be_written(
    officer: Principal, visitor: Visitor, as_subject: Ref, settings: object, tmp_path: Path, say: Say
) -> None:
    say(visitor, "Hello")
    (tmp_path / "file").write_text("")
    settings.ERASURE_JOURNAL = tmp_path / "file" / "erasures.jsonl"  # type: ignore[attr-defined]

    with pytest.raises(OSError, match="file"):
        services.erase_now(officer, as_subject)

    with acting_in(officer.organisation_id):
        assert SubjectKey.objects.get(subject_id=visitor.pk).wrapped_key is not None


def test_after_a_restore_the_erasure_is_repeated_in_spite_of_a_hold(
    officer: Principal, visitor: Visitor, as_subject: Ref, journal: Path
) -> None:
    services.hold_subject(officer, as_subject, reason="Case 17")

    services.erase_again(officer.organisation_id, as_subject)

    assert not journal.exists()
    with acting_in(officer.organisation_id):
        assert not Visitor.objects.filter(pk=visitor.pk).exists()


def test_only_administrators_order_erasures(officer: Principal, as_subject: Ref) -> None:
    agent = Principal(organisation_id=officer.organisation_id, kind="person", id=uuid4(), roles=frozenset({"agent"}))

    with pytest.raises(NotAllowedError):
        services.erase_now(agent, as_subject)


def test_another_organisations_visitor_is_unknown(
    other_organisation: Organisation, stranger: Person, as_subject: Ref
) -> None:
    foreign = Principal(
        organisation_id=other_organisation.pk, kind="person", id=stranger.pk, roles=frozenset({"administrator"})
    )

    with pytest.raises(UnknownSubjectError):
        services.erase_now(foreign, as_subject)


def test_an_erased_person_cannot_sign_in_any_more(officer: Principal, teammate: Person) -> None:
    EmailAddress.objects.create(user=teammate, email=teammate.email, primary=True, verified=True)
    LogEntry.objects.create(user=teammate, action_flag=2, object_repr="something")

    services.erase_now(officer, Ref("person", teammate.pk))

    assert not Person.objects.filter(pk=teammate.pk).exists()


def test_a_person_who_belongs_elsewhere_keeps_the_account_and_loses_the_membership(
    officer: Principal, teammate: Person, other_organisation: Organisation
) -> None:
    with acting_in(other_organisation):
        Membership.objects.create(organisation=other_organisation, person=teammate, role="clinician")

    services.erase_now(officer, Ref("person", teammate.pk))

    assert Person.objects.filter(pk=teammate.pk).exists()
    with acting_in(officer.organisation_id):
        assert not Membership.objects.filter(person=teammate).exists()


def test_the_only_administrator_cannot_be_erased(officer: Principal, owner: Person) -> None:
    with pytest.raises(ErasureBlockedError, match="only administrator"):
        services.erase_now(officer, Ref("person", owner.pk))


def test_the_counters_of_a_visitor_are_deleted(
    officer: Principal, visitor: Visitor, as_subject: Ref, valkey: redis.Redis
) -> None:
    from support_bot.widget import limits

    limits.check_message(site_id=visitor.site_id, visitor_id=visitor.pk)

    services.erase_now(officer, as_subject)

    assert not [key for key in valkey.keys("*") if str(visitor.pk).encode() in key]
