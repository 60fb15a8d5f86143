from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.errors import PeriodError
from llmasos.vault.models import SubjectKey
from support_bot.models import Conversation, Visitor
from tests.privacy.conftest import Say


def age(visitor: Visitor, *, days: int) -> None:
    """Make a visitor and what it said older."""
    moment = timezone.now() - timedelta(days=days)
    with acting_in(visitor.organisation_id):
        Visitor.objects.filter(pk=visitor.pk).update(created_at=moment)
        Conversation.objects.filter(visitor=visitor).update(last_message_at=moment)


def remains(visitor: Visitor) -> bool:
    with acting_in(visitor.organisation_id):
        return Visitor.objects.filter(pk=visitor.pk).exists()


def test_what_is_older_than_its_period_goes_with_its_key(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=400)

    services.expire(officer)

    assert not remains(visitor)
    with acting_in(officer.organisation_id):
        assert SubjectKey.objects.get(subject_id=visitor.pk).wrapped_key is None


def test_what_is_younger_stays(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=300)

    services.expire(officer)

    assert remains(visitor)


def test_an_organisations_own_period_comes_before_the_default(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=40)
    services.set_period(officer, "conversations", days=30)

    services.expire(officer)

    assert not remains(visitor)


def test_without_an_end_nothing_expires(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=4_000)
    services.set_period(officer, "conversations", days=None)

    services.expire(officer)

    assert remains(visitor)


def test_a_dry_run_counts_and_removes_nothing(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=400)

    counted = {one.store: one.removed for one in services.expire(officer, dry_run=True)}
    assert remains(visitor)
    removed = {one.store: one.removed for one in services.expire(officer)}

    assert counted["support.conversations"] == removed["support.conversations"] == 2


def test_a_hold_on_the_subject_keeps_what_is_old(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=400)
    services.hold_subject(officer, Ref("visitor", visitor.pk), reason="Case 17")

    services.expire(officer)

    assert remains(visitor)


def test_a_hold_on_the_class_keeps_what_is_old(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=400)
    services.hold_class(officer, "conversations", reason="Recall")

    expired = {one.store: one for one in services.expire(officer)}

    assert remains(visitor)
    assert expired["support.conversations"].held


def test_an_expiry_is_recorded_with_its_count(officer: Principal, visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")
    age(visitor, days=400)

    services.expire(officer)

    with acting_in(officer.organisation_id):
        entry = Entry.objects.get(action="privacy.expired")
    assert entry.digests == {"class": "conversations", "store": "support.conversations", "removed": 2}


def test_the_log_cannot_be_kept_for_less_than_six_years(officer: Principal) -> None:
    with pytest.raises(PeriodError):
        services.set_period(officer, "audit", days=365)
