"""``bench chat``: from posting a question to its first quoted evidence, the way of a visitor's browser."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from uuid import uuid4

from django.core.management.base import CommandError

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval.models import Document, DocumentState
from support_bot.models import Site
from support_bot.visitors import add_visitor
from support_bot.widget.limits import VISITOR_BURST
from support_bot.widget.requests import SCHEME

if TYPE_CHECKING:
    import httpx

QUESTIONS = 25
WARM_UP = 3
_SECONDS = 120.0


def bench_chat(principal: Principal) -> dict[str, Any]:
    """Measure the milliseconds from sending a question to the running web server until its quotation is read.

    The questions are titles of the documents that the organisation's first site answers from. One that is not
    answered has no quotation and is left out.

    Raises:
        CommandError: the organisation has no site, or its site has no titled document.
    """
    # No process but this command's needs a client.
    import httpx

    from llmasos.client.credentials import find_credentials

    with acting_in(principal.organisation_id):
        site = Site.objects.for_organisation(principal.organisation_id).filter(active=True).order_by("pk").first()
        if site is None:
            raise CommandError("The organisation has no site with a chat: name another with --organisation.")
        titles = list(
            Document.objects.for_organisation(principal.organisation_id)
            .filter(state=DocumentState.READY, deleted_at=None, collection__in=site.collections.all())
            .exclude(title="")
            .order_by("pk")
            .values_list("title", flat=True)[: QUESTIONS + WARM_UP]
        )
    if not titles:
        raise CommandError("The site has no titled document to ask about: import some first.")
    address = urljoin(find_credentials().base_url, f"/widget/{site.key}/")
    measured: list[float | None] = []
    with httpx.Client(base_url=address, timeout=_SECONDS) as client:
        for number, title in enumerate(titles):
            # A visitor may not ask more often than this.
            if number % VISITOR_BURST.count == 0:
                with acting_in(principal.organisation_id):
                    _visitor, token = add_visitor(site)
                client.headers["Authorization"] = SCHEME + token
            measured.append(_seconds_to_quote(client, title))
    times = [seconds * 1000 for seconds in measured[min(WARM_UP, len(titles) - 1) :] if seconds is not None]
    return {
        "questions": len(titles),
        "quoted": len(times),
        "first_quote_ms": round(statistics.median(times), 1) if times else None,
        "first_quote_p95_ms": round(statistics.quantiles(times, n=20)[-1], 1) if len(times) > 1 else None,
        "slowest_ms": round(max(times), 1) if times else None,
    }


def _seconds_to_quote(client: httpx.Client, question: str) -> float | None:
    started = time.perf_counter()
    posted = client.post("messages", json={"client_id": str(uuid4()), "text": question}).raise_for_status().json()
    taken: float | None = None
    with client.stream("GET", f"runs/{posted['answer']['run']}/events") as events:
        events.raise_for_status()
        # The answer is read to its end, so that its generation does not keep the machine busy for the next question.
        for line in events.iter_lines():
            if line == "event: quote":
                taken = time.perf_counter() - started
    return taken
