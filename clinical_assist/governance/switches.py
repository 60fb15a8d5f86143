"""A switch for each function that proposes something: turned off at once, with who did it and why kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from clinical_assist.governance.leads import require_governing, whom_to_ask
from clinical_assist.models import StopSwitch
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

Function = StopSwitch.Function


class StoppedError(Exception):
    """Somebody stopped the function; the message says since when, why, and whom to ask."""

    def __init__(self, row: StopSwitch, ask: Sequence[str]) -> None:
        self.function = Function(row.function)
        self.since: datetime = row.at
        self.reason: str = row.reason
        self.ask = tuple(ask)
        when = date_format(localtime(row.at), "DATETIME_FORMAT")
        said = _("%(function)s: stopped since %(when)s. Reason: %(reason)s") % {
            "function": self.function.label,
            "when": when,
            "reason": row.reason,
        }
        super().__init__(f"{said} {_('Ask: %(names)s.') % {'names': ', '.join(self.ask)}}" if ask else said)


@dataclass(frozen=True, slots=True)
class State:
    """A function with its latest switch; without one it has always run."""

    function: StopSwitch.Function
    latest: StopSwitch | None

    @property
    def stopped(self) -> bool:
        return self.latest is not None and self.latest.stopped


def latest(organisation_id: UUID, function: str) -> StopSwitch | None:
    """Return the switch that decides now."""
    rows = StopSwitch.objects.for_organisation(organisation_id).filter(function=function)
    return rows.select_related("by").order_by("-at").first()


def is_stopped(organisation_id: UUID, function: str) -> bool:
    """Whether the function is stopped in this organisation."""
    row = latest(organisation_id, function)
    return row is not None and row.stopped


def require_running(organisation_id: UUID, function: str) -> None:
    """Return where the function runs; inside ``acting_in``.

    Raises:
        StoppedError: somebody stopped it.
    """
    row = latest(organisation_id, function)
    if row is not None and row.stopped:
        raise StoppedError(row, whom_to_ask(organisation_id))


def states(organisation_id: UUID) -> list[State]:
    """Return every function with its latest switch."""
    return [State(function, latest(organisation_id, function)) for function in Function]


def history(organisation_id: UUID, count: int) -> QuerySet[StopSwitch]:
    """Return the latest turns of all switches, newest first."""
    return StopSwitch.objects.for_organisation(organisation_id).select_related("by").order_by("-at")[:count]


def stop(principal: Principal, function: str, reason: str) -> StopSwitch:
    """Stop a function at once. Raises PermissionDenied for who does not govern, ValidationError without a reason."""
    return _turn(principal, function, reason, stopped=True)


def start(principal: Principal, function: str, reason: str) -> StopSwitch:
    """Let a function run again. Raises as :func:`stop`."""
    return _turn(principal, function, reason, stopped=False)


def _turn(principal: Principal, function: str, reason: str, *, stopped: bool) -> StopSwitch:
    with acting_in(principal.organisation_id):
        person_id = require_governing(principal)
        row = StopSwitch(
            organisation_id=principal.organisation_id,
            function=Function(function),
            stopped=stopped,
            reason=reason.strip(),
            by_id=person_id,
        )
        row.full_clean(exclude=["organisation", "by"])
        row.save(force_insert=True)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.function_stopped" if stopped else "clinical.function_started",
            object=Ref("stop_switch", row.pk),
            digests={"function": str(row.function)},
        )
        return row
