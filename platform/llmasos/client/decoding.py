"""JSON into frozen dataclasses, by the types of their fields; fields that this version does not know are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from llmasos.client.errors import UnexpectedReplyError

T = TypeVar("T")

_hints = cache(get_type_hints)


def decoded(kind: type[T], body: object) -> T:
    """Return what a reply holds. Raises UnexpectedReplyError where it is not of that form."""
    try:
        found: T = _value(kind, body)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UnexpectedReplyError(
            f"The server's answer does not hold a {kind.__name__}. Check that base_url points at an LLMasOS server."
        ) from error
    return found


def _value(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        (known,) = (one for one in get_args(kind) if one is not type(None))
        return None if value is None else _value(known, value)
    if origin is tuple:
        return tuple(_value(get_args(kind)[0], one) for one in value)
    if origin is Mapping:
        return {str(key): _value(get_args(kind)[1], one) for key, one in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        given = {one.name: _value(hints[one.name], value[one.name]) for one in fields(kind) if one.name in value}
        return kind(**given)
    if kind in {datetime, date}:
        return kind.fromisoformat(value)
    if kind in {Decimal, float}:
        return kind(str(value))
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected")
    return value
