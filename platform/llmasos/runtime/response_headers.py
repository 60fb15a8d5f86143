"""What every response says about caching and about what its page may do, whichever view made it."""

from __future__ import annotations

from collections.abc import Awaitable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from llmasos.middleware import Middleware

# Nothing of the platform needs a sensor, a payment or somebody's place; passkeys need credentials of this origin.
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
                "encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
                "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb",
                "xr-spatial-tracking",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)  # fmt: skip
NO_STORE = "private, no-store"


class ResponseHeadersMiddleware(Middleware):
    """Keeps responses out of caches and other sites, except where a view says otherwise itself."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._respond(request)
        answer = self.get_response(request)
        return _completed(answer) if isinstance(answer, HttpResponseBase) else answer

    async def _respond(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        return _completed(answer if isinstance(answer, HttpResponseBase) else await answer)


def _completed(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", NO_STORE)
    # Django sets these too, except where it refuses a request before it gets there.
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
    response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return response
