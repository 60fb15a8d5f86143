"""Reading a request body field by field, with errors that name the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from llmasos.api.openai.errors import RefusedError


def decoded(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in a request body. Raises RefusedError for anything else."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RefusedError(_("The body is not valid JSON."), code="invalid_json") from None
    if not isinstance(value, dict):
        raise RefusedError(_("The body is not a JSON object."), code="invalid_json")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


class Fields:
    """One object of a request. Null counts as absent, as it does at OpenAI."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get(self, name: str) -> Any:
        return self._values.get(name)

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Refuse fields that would otherwise be ignored without a word."""
        for name, value in self._values.items():
            if name not in known and value is not None:
                shown = name[:64].encode("utf-8", "replace").decode()
                raise RefusedError(
                    _("The field %(name)s is not known here.") % {"name": shown},
                    code="unknown_parameter",
                    param=shown,
                )

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name)
        if value is None:
            return default
        return checked_text(value, name)

    def flag(self, name: str) -> bool:
        value = self.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise wrong_type(name, _("true or false"))
        return value

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(name, _("a whole number"))
        if not least <= value <= most:
            raise out_of_range(name, least, most)
        return value

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(name, _("a number"))
        if not least <= value <= most:
            raise out_of_range(name, least, most)
        return float(value)


def checked_text(value: object, name: str) -> str:
    """Return a string that UTF-8 can carry; JSON's escapes can spell halves of characters, which it cannot."""
    if not isinstance(value, str):
        raise wrong_type(name, _("a string"))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RefusedError(
            _("%(name)s holds half of a character (a lone surrogate).") % {"name": name},
            code="invalid_unicode",
            param=name,
        ) from None
    return value


def wrong_type(name: str, wanted: str) -> RefusedError:
    return RefusedError(
        _("%(name)s must be %(wanted)s.") % {"name": name, "wanted": wanted}, code="invalid_type", param=name
    )


def out_of_range(name: str, least: float, most: float) -> RefusedError:
    return RefusedError(
        _("%(name)s must be from %(least)s to %(most)s.") % {"name": name, "least": least, "most": most},
        code="invalid_value",
        param=name,
    )


def missing(name: str) -> RefusedError:
    return RefusedError(
        _("The field %(name)s is missing.") % {"name": name}, code="missing_required_parameter", param=name
    )


def unsupported(name: str, message: str) -> RefusedError:
    return RefusedError(message, code="unsupported_parameter", param=name)
