"""Tools that a model may call, the turns that calls and answers make, and the form that an answer must have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from llmasos.api.openai.errors import RefusedError
from llmasos.api.openai.fields import Fields, checked_text, missing, out_of_range, unsupported, wrong_type

MOST_TOOLS = 128
LONGEST_SCHEMA = 65_536
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_FUNCTION = frozenset({"name", "description", "parameters", "strict"})


def response_format(fields: Fields) -> Mapping[str, Any] | None:
    """Return the form that the answer must have; None for plain text. Raises RefusedError."""
    value = fields.get("response_format")
    if value is None:
        return None
    kind = _object(value, "response_format").get("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return {"type": kind}
    if kind != "json_schema":
        raise RefusedError(
            _("response_format.type must be text, json_object or json_schema."),
            code="invalid_value",
            param="response_format.type",
        )
    inner = _object(value.get("json_schema"), "response_format.json_schema")
    return {
        "type": kind,
        "json_schema": {
            "name": _named(inner.get("name"), "response_format.json_schema.name"),
            "schema": _schema(inner.get("schema"), "response_format.json_schema.schema"),
            "strict": Fields(inner).flag("strict"),
        },
    }


def tools(fields: Fields) -> tuple[Mapping[str, Any], ...]:
    """Return the functions that may be called. Raises RefusedError."""
    for name in ("functions", "function_call"):
        if fields.get(name):
            raise unsupported(name, _("%(name)s is no longer taken: send tools and tool_choice.") % {"name": name})
    value = fields.get("tools")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong_type("tools", _("a list"))
    if len(value) > MOST_TOOLS:
        raise out_of_range("tools", 0, MOST_TOOLS)
    return tuple(_tool(tool, f"tools[{number}]") for number, tool in enumerate(value))


def _tool(value: object, name: str) -> Mapping[str, Any]:
    if _object(value, name).get("type") != "function":
        raise unsupported(f"{name}.type", _("Only tools of the type function are taken."))
    function = _object(_object(value, name).get("function"), f"{name}.function")
    Fields(function).refuse_unknown(_FUNCTION)
    parameters = function.get("parameters")
    kept = {
        "name": _named(function.get("name"), f"{name}.function.name"),
        "parameters": {"type": "object", "properties": {}}
        if parameters is None
        else _schema(parameters, f"{name}.function.parameters"),
    }
    if function.get("description") is not None:
        kept["description"] = checked_text(function["description"], f"{name}.function.description")
    return {"type": "function", "function": kept}


def tool_choice(fields: Fields, offered: tuple[Mapping[str, Any], ...]) -> str | Mapping[str, Any]:
    """Return which tool is to be called: auto, none, required, or one function. Raises RefusedError."""
    value = fields.get("tool_choice")
    if value is None or (value in ("none", "auto") and not offered):
        return "auto"
    if not offered:
        raise RefusedError(_("tool_choice is only for requests with tools."), code="invalid_value", param="tool_choice")
    if value in ("none", "auto", "required"):
        return str(value)
    function = value.get("function") if isinstance(value, dict) and value.get("type") == "function" else None
    name = function.get("name") if isinstance(function, dict) else None
    if name not in [tool["function"]["name"] for tool in offered]:
        raise RefusedError(
            _("tool_choice must be none, auto, required, or name one of the tools."),
            code="invalid_value",
            param="tool_choice",
        )
    return {"type": "function", "function": {"name": name}}


def tool_calls(value: object, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the calls that an assistant's turn holds. Raises RefusedError."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong_type(name, _("a list"))
    return tuple(_call(call, f"{name}[{number}]") for number, call in enumerate(value))


def _call(value: object, name: str) -> Mapping[str, Any]:
    call = _object(value, name)
    function = _object(call.get("function"), f"{name}.function")
    return {
        "id": checked_text(call.get("id"), f"{name}.id"),
        "type": "function",
        "function": {
            "name": _named(function.get("name"), f"{name}.function.name"),
            "arguments": checked_text(function.get("arguments"), f"{name}.function.arguments"),
        },
    }


def _object(value: object, name: str) -> Mapping[str, Any]:
    if value is None:
        raise missing(name)
    if not isinstance(value, dict):
        raise wrong_type(name, _("an object"))
    return value


def _named(value: object, name: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise RefusedError(
            _("%(name)s must be 1 to 64 letters, digits, _ or -.") % {"name": name}, code="invalid_value", param=name
        )
    return value


def _schema(value: object, name: str) -> Mapping[str, Any]:
    schema = _object(value, name)
    try:
        written = json.dumps(schema, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        raise RefusedError(
            _("%(name)s cannot be written as JSON.") % {"name": name}, code="invalid_value", param=name
        ) from None
    if len(written) > LONGEST_SCHEMA:
        raise RefusedError(
            _("%(name)s is too long: at most %(most)d bytes.") % {"name": name, "most": LONGEST_SCHEMA},
            code="invalid_value",
            param=name,
        )
    return schema
