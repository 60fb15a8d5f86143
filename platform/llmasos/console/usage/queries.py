"""What was used of the models in the last thirty days: by day, program, model and organisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.models import ApiKey, ServiceAccount
from llmasos.inference.kinds import MODEL_KINDS
from llmasos.inference.quotas.queries import LimitState, UsageRow, limit_states, usage
from llmasos.inference.quotas.words import limit_name

DAYS = 30


@dataclass(frozen=True, slots=True)
class Total:
    """Requests and tokens of something."""

    requests: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def good(self) -> int:
        return self.requests - self.failed

    def __add__(self, other: Total) -> Total:
        return Total(
            self.requests + other.requests,
            self.failed + other.failed,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Used:
    """What one program, model or organisation used; ``id`` None for people and others taken together."""

    name: str
    total: Total
    id: UUID | None = None
    kind: str = ""
    key: ApiKey | None = None

    @property
    def program(self) -> str:
        """How forms name a program."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Usage:
    """The last thirty days (UTC), oldest first, and the same by program and by model, most tokens first."""

    days: list[tuple[date, Total]]
    programs: list[Used]
    models: list[Used]
    total: Total


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in words, with whose it is: "" for the organisation as a whole.

    ``is_over`` says that its program was revoked or deactivated: nobody uses it any more, and it cannot be set again.
    """

    state: LimitState
    name: str
    whose: str
    is_over: bool = False

    @property
    def code(self) -> str:
        return f"{self.state.measure}:{self.state.period}"

    @property
    def program(self) -> str:
        return f"{self.state.program_kind}:{self.state.program_id}" if self.state.program_id else ""


def own_usage(organisation_id: UUID) -> Usage:
    """Return what one organisation used; inside ``acting_in``."""
    rows = usage(organisation_id, since=first_moment())
    by_principal: dict[tuple[str, UUID | None], Total] = {}
    by_model: dict[str, Total] = {}
    for row in rows:
        principal = (row.principal_kind, row.principal_id if row.principal_kind in ("key", "service") else None)
        by_principal[principal] = by_principal.get(principal, Total()) + _total(row)
        by_model[row.model] = by_model.get(row.model, Total()) + _total(row)
    models = [Used(name, total) for name, total in by_model.items()]
    return Usage(
        days=_days((row.day, _total(row)) for row in rows),
        programs=sorted(_programs(organisation_id, by_principal), key=_most_first),
        models=sorted(models, key=_most_first),
        total=sum(by_model.values(), Total()),
    )


def all_usage() -> Usage:
    """Return what all organisations used, for operators; in the place of programs stand the organisations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organisation_id, organisation, day, runs, failed, prompt_tokens, completion_tokens"
            " FROM console_usage(%s, %s::varchar[])",
            [first_moment(), sorted(MODEL_KINDS)],
        )
        rows = [(row[0], row[1], row[2], Total(*row[3:])) for row in cursor.fetchall()]
    names = {row[0]: row[1] for row in rows}
    totals: dict[UUID, Total] = {}
    for organisation_id, _name, _day, total in rows:
        totals[organisation_id] = totals.get(organisation_id, Total()) + total
    return Usage(
        days=_days((day, total) for _id, _name, day, total in rows),
        programs=sorted((Used(names[one], total, one) for one, total in totals.items()), key=_most_first),
        models=[],
        total=sum(totals.values(), Total()),
    )


def limits(organisation_id: UUID) -> list[Limit]:
    """Return the limits of an organisation, the whole's first, then those of its programs by name; in ``acting_in``."""
    states = limit_states(organisation_id)
    programs = program_names(organisation_id)
    former = _former_names(organisation_id, states)
    found = [_limit(state, programs, former) for state in states]
    return sorted(found, key=lambda limit: (limit.whose, limit.name))


def program_names(organisation_id: UUID) -> dict[tuple[str, UUID], str]:
    """Return the programs that a limit can be set for: keys that stand for themselves, and service accounts."""
    keys = ApiKey.objects.for_organisation(organisation_id).filter(service_account=None, revoked_at=None)
    accounts = ServiceAccount.objects.for_organisation(organisation_id).filter(deactivated_at=None)
    found = {("key", key.pk): str(key) for key in keys.order_by("name")}
    return found | {("service", account.pk): account.name for account in accounts.order_by("name")}


def _limit(state: LimitState, programs: dict[tuple[str, UUID], str], former: dict[tuple[str, UUID], str]) -> Limit:
    name = limit_name(state.measure, state.period)
    if state.program_id is None:
        return Limit(state, name, "")
    program = (state.program_kind, state.program_id)
    if program in programs:
        return Limit(state, name, programs[program])
    return Limit(state, name, former.get(program, _("A program that was removed")), is_over=True)


def _former_names(organisation_id: UUID, states: Iterable[LimitState]) -> dict[tuple[str, UUID], str]:
    """Return the names of limited programs, revoked and deactivated ones among them."""
    wanted = {state.program_id for state in states if state.program_id is not None}
    keys = ApiKey.objects.for_organisation(organisation_id).filter(pk__in=wanted)
    accounts = ServiceAccount.objects.for_organisation(organisation_id).filter(pk__in=wanted)
    return {("key", key.pk): str(key) for key in keys} | {("service", account.pk): account.name for account in accounts}


def first_moment() -> datetime:
    """Return when the thirty days begin."""
    return datetime.combine(timezone.now().astimezone(UTC).date() - timedelta(days=DAYS - 1), time(), tzinfo=UTC)


def _programs(organisation_id: UUID, totals: dict[tuple[str, UUID | None], Total]) -> Iterable[Used]:
    """Yield what each program used, those too that used nothing but may, and people and others as one each."""
    seen = [number for kind, number in totals if kind == "key"]
    keys = ApiKey.objects.for_organisation(organisation_id).filter(service_account=None)
    for key in keys.filter(Q(revoked_at=None) | Q(pk__in=seen) | Q(revoked_at__gt=timezone.now() - ApiKey.UNDO)):
        yield Used(key.name, totals.get(("key", key.pk), Total()), key.pk, "key", key)
    accounts = ServiceAccount.objects.for_organisation(organisation_id)
    for account in accounts.filter(
        Q(deactivated_at=None) | Q(pk__in=[number for kind, number in totals if kind == "service"])
    ):
        yield Used(account.name, totals.get(("service", account.pk), Total()), account.pk, "service")
    others = {"person": _("People"), "visitor": _("Visitors"), "system": _("The platform itself")}
    for kind, name in others.items():
        if (kind, None) in totals:
            yield Used(name, totals[kind, None], kind=kind)


def _days(found: Iterable[tuple[date, Total]]) -> list[tuple[date, Total]]:
    first = first_moment().date()
    days = {first + timedelta(days=ahead): Total() for ahead in range(DAYS)}
    for day, total in found:
        days[day] = days.get(day, Total()) + total
    return sorted(days.items())


def _total(row: UsageRow) -> Total:
    return Total(row.requests, row.failed, row.prompt_tokens, row.completion_tokens)


def _most_first(used: Used) -> tuple[int, int, str]:
    return (-used.total.tokens, -used.total.requests, used.name)
