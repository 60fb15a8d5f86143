"""How often a visitor, an address and a site may ask: counters in Valkey with fixed windows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.crypto import salted_hmac

from llmasos.inference import valkey
from support_bot.widget import problems


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` in ``seconds``, for each value of the key it is counted under."""

    name: str
    count: int
    seconds: int


VISITOR_BURST = Limit("visitor-burst", 8, 60)
VISITOR_DAY = Limit("visitor-day", 150, 86_400)
VISITOR_DATA = Limit("visitor-data", 40, 3_600)
SITE_MESSAGES = Limit("site-messages", 300, 60)
SITE_VISITORS = Limit("site-visitors", 600, 3_600)
ADDRESS_VISITORS = Limit("address-visitors", 30, 3_600)


def check_message(*, site_id: UUID, visitor_id: UUID) -> None:
    """Count one message. Raises ProblemError 429 when the visitor or the site has had enough."""
    _count((VISITOR_BURST, str(visitor_id)), (VISITOR_DAY, str(visitor_id)), (SITE_MESSAGES, str(site_id)))


def check_new_visitor(*, site_id: UUID, address: str) -> None:
    """Count one new visitor. The address is kept for an hour, as a keyed digest only."""
    digest = salted_hmac("support_bot.address", f"{site_id}/{address}", algorithm="sha256").hexdigest()[:32]
    _count((ADDRESS_VISITORS, digest), (SITE_VISITORS, str(site_id)))


def check_own_data(*, visitor_id: UUID) -> None:
    """Count one look at one's own data. Raises ProblemError 429 when the visitor has had enough."""
    _count((VISITOR_DATA, str(visitor_id)))


def forget_visitor(visitor_id: UUID) -> int:
    """Delete the counters kept under a visitor's id, and return how many there were."""
    keys = [_key(limit, str(visitor_id)) for limit in (VISITOR_BURST, VISITOR_DAY, VISITOR_DATA)]
    return int(valkey.client().delete(*keys))


def _key(limit: Limit, subject: str) -> str:
    return f"llmasos:support:limit:{limit.name}:{subject}"


def _count(*limits: tuple[Limit, str]) -> None:
    try:
        pipeline = valkey.client().pipeline(transaction=True)
        for limit, subject in limits:
            key = _key(limit, subject)
            pipeline.incr(key)
            pipeline.expire(key, limit.seconds, nx=True)
            pipeline.ttl(key)
        answers = pipeline.execute()
    except valkey.UNREACHABLE as error:
        raise problems.unavailable() from error
    waits = [
        max(int(answers[3 * index + 2]), 1)
        for index, (limit, _subject) in enumerate(limits)
        if int(answers[3 * index]) > limit.count
    ]
    if waits:
        raise problems.too_many(max(waits))
