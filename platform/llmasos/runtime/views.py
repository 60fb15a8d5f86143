"""What probes and monitoring read."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from llmasos.runtime import health, locations, metrics


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process serves requests, whatever the others do."""
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether every service answers; 503 while one does not."""
    found = health.measure()
    return JsonResponse(found.as_json(), status=200 if found.ready else 503)


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Return the metrics to who has the token (or is a signed-in operator)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = locations.configured_value("LLMASOS_METRICS_TOKEN") or locations.secret("metrics")
    by_token = scheme.lower() == "bearer" and secrets.compare_digest(token.strip().encode(), expected.encode())
    if not by_token and not getattr(request.user, "is_operator", False):
        response = HttpResponse(
            "The metrics need their token: see the operator's guide.\n", status=401, content_type="text/plain"
        )
        response["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    return HttpResponse(metrics.render(), content_type=metrics.CONTENT_TYPE)
