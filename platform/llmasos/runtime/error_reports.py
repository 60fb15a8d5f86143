"""The page that DEBUG shows for an exception, without what people wrote."""

from __future__ import annotations

from typing import Any

from django.views.debug import ExceptionReporter

from llmasos.runtime.log_privacy import name_of

_REQUEST = ("request", "user_str", "filtered_POST_items", "request_GET_items", "request_FILES_items")
_REQUEST_TOO = ("request_COOKIES_items", "request_meta", "request_insecure_uri", "settings", "raising_view_name")


class PlacesReporter(ExceptionReporter):
    """Names the exception and the places in the code: no message, no variables, no request, no settings."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        for name in (*_REQUEST, *_REQUEST_TOO, "unicode_hint", "template_info", "exception_notes"):
            data.pop(name, None)
        data["exception_value"] = "The message is not shown, since it may hold what people wrote."
        if isinstance(self.exc_value, BaseException):
            data["exception_type"] = name_of(self.exc_value)
        return data

    def get_traceback_frames(self) -> list[dict[str, Any]]:
        frames: list[dict[str, Any]] = super().get_traceback_frames()
        for frame in frames:
            frame["vars"] = []
            for name in ("exc_cause", "exc_cause_explicit"):
                cause = frame.get(name)
                if isinstance(cause, BaseException):
                    frame[name] = name_of(cause)
        return frames
