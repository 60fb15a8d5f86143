"""What differs between two contents, entry by entry and field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from clinical_assist.governance.versions.kinds import Tables


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry, before and after; None where it was or is not there. ``field`` may have a dot."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry of a table that was added, removed or changed."""

    table: str
    code: str
    name: str
    how: Literal["added", "removed", "changed"]
    changes: tuple[Change, ...]


def differences(before: Tables, after: Tables) -> list[Difference]:
    """Return all differences, by table, then by code."""
    found = []
    for table in dict.fromkeys([*before, *after]):
        old, new = before.get(table, {}), after.get(table, {})
        for code in sorted(old.keys() | new.keys()):
            was, now = old.get(code), new.get(code)
            changes = tuple(_changes(was or {}, now or {}))
            if not changes:
                continue
            how: Literal["added", "removed", "changed"] = "changed" if was and now else "added" if now else "removed"
            found.append(Difference(table, code, str((now or was or {}).get("name") or code), how, changes))
    return found


def labelled(
    found: Sequence[Difference], label: Callable[[str, Mapping[str, Any]], str], of: Tables
) -> list[Difference]:
    """Return differences with their fields as people call them; ``of`` are the tables that hold the entries."""
    return [
        replace(
            one,
            changes=tuple(
                replace(change, field=label(change.field, of.get(one.table, {}).get(one.code, {})))
                for change in one.changes
            ),
        )
        for one in found
    ]


def counts(found: Sequence[Difference]) -> dict[str, dict[str, int]]:
    """Return how many entries of each table were added, removed and changed."""
    counted: dict[str, dict[str, int]] = {}
    for one in found:
        of = counted.setdefault(one.table, {"added": 0, "removed": 0, "changed": 0})
        of[one.how] += 1
    return counted


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for field in sorted(was.keys() | now.keys()):
        before, after = was.get(field), now.get(field)
        if isinstance(before or after, Mapping):
            for one in _changes(before or {}, after or {}):
                yield Change(f"{field}.{one.field}", one.before, one.after)
        elif before != after:
            yield Change(field, before, after)
