from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest
from llmasos.console.activity import queries
from llmasos.console.activity.charts import day_blocks, reader_bars
from llmasos.console.activity.comparing import DEVIATIONS, FEWEST_PEERS, LEAST_MORE, SCALE
from llmasos.console.charts import HEIGHT, WIDTH
from llmasos.console.log.access import log_view, record_reading
from llmasos.console.log.words import kind_name, role_names
from llmasos.privacy.relations import relations

READERS_SHOWN = 100


def _activity(request: MemberRequest) -> HttpResponse:
    """Show what goes on in the log, and what stands out."""
    organisation_id = request.organisation.pk
    days = queries.days(organisation_id, ZoneInfo(request.organisation.time_zone))
    readers = queries.readers(organisation_id)
    outside = queries.outside(organisation_id)
    record_reading(request, page="activity", digests={"people": len(readers), "outside": len(outside)})
    context = {
        "days": days,
        "blocks": day_blocks(days),
        "most": max(day.total for day in days),
        "total": sum(day.total for day in days),
        "denied": sum(day.denied for day in days),
        "failed": sum(day.failure for day in days),
        "width": WIDTH,
        "height": HEIGHT,
        "bars": reader_bars(readers),
        "readers": [(reader, role_names(reader.roles)) for reader in readers[:READERS_SHOWN]],
        "out": [(reader, role_names(reader.roles)) for reader in readers if reader.comparison.stands_out],
        "outside": [(one, kind_name(one.subject_kind)) for one in outside[: queries.OUTSIDE_SHOWN]],
        "outside_total": len(outside),
        "relations": [(kind_name(kind), [relation.label for relation in each]) for kind, each in relations().items()],
        "compared_days": queries.COMPARED_DAYS,
        "scale": SCALE,
        "deviations": DEVIATIONS,
        "least_more": LEAST_MORE,
        "fewest": FEWEST_PEERS,
    }
    return render(request, "console/activity.html", context)


activity = require_safe(log_view(_activity))
