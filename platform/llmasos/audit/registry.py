"""The actions that the log knows. Packages register theirs in ``AppConfig.ready``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from llmasos.audit.errors import UnregisteredActionError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What an action is to other systems that read the log (see audit.interchange).
Operation = Literal[
    "create",
    "read",
    "update",
    "delete",
    "query",
    "execute",
    "disclose",
    "sign_in",
    "sign_out",
    "audit",
    "security",
    "emergency_start",
    "emergency_stop",
]
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Action:
    """A namespaced code such as ``retrieval.search``, with its name for people.

    ``operation`` says what it is to other systems; without one, its words do ("document_deleted").
    """

    code: str
    label: StrOrPromise
    operation: Operation | None = None


_actions: dict[str, Action] = {}


def register_action(code: str, label: StrOrPromise, *, operation: Operation | None = None) -> Action:
    """Make ``code`` recordable. Registering it again with another label is an error."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no namespaced action code such as 'retrieval.search'.")
    action = Action(code, label, operation)
    known = _actions.setdefault(code, action)
    if str(known.label) != str(label):
        raise ValueError(f"The action {code!r} is registered already, as {known.label}.")
    return known


def registered_action(code: str) -> Action:
    """Return the action. Raises ``UnregisteredActionError`` when no package registered it."""
    try:
        return _actions[code]
    except KeyError:
        raise UnregisteredActionError(
            f"{code!r} is not registered: call llmasos.audit.registry.register_action in AppConfig.ready."
        ) from None


def actions() -> Mapping[str, Action]:
    """Return all registered actions by code."""
    return dict(sorted(_actions.items()))


OrganisationLookup = Callable[[str], UUID | None]
_lookups: list[OrganisationLookup] = []


def register_organisation_lookup(lookup: OrganisationLookup) -> None:
    """Tell the commands how to find an organisation's id by its short name."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def organisation_id(slug: str) -> UUID | None:
    """Return the id of the organisation named ``slug``; None when there is none."""
    return next((found for lookup in _lookups if (found := lookup(slug)) is not None), None)
