"""What each door of the platform records: its pages, services and tasks, or why it records nothing.

Packages register theirs in a module ``records``, which is loaded when the platform starts. A test walks every address,
every public function of a services module, every Celery task and every administration page, and fails on one that is
not registered.
"""

from __future__ import annotations

from collections.abc import Mapping

_recorded: dict[str, tuple[str, ...]] = {}
_unrecorded: dict[str, str] = {}


def register_coverage(*, recorded: Mapping[str, str], unrecorded: Mapping[str, str]) -> None:
    """Say which actions a door records (codes separated by spaces), or in a sentence why it records none.

    Doors are ``url NAMESPACE:NAME``, ``service MODULE.FUNCTION`` and ``task NAME``.

    Raises:
        ValueError: a door is registered twice, or its reason is no sentence.
    """
    for door, actions in recorded.items():
        _add(door)
        _recorded[door] = tuple(actions.split())
    for door, reason in unrecorded.items():
        _add(door)
        if len(reason.split()) < 3:
            raise ValueError(f"Say in a sentence why {door} records nothing.")
        _unrecorded[door] = reason


def _add(door: str) -> None:
    if door in _recorded or door in _unrecorded:
        raise ValueError(f"{door} is registered twice.")


def recorded() -> Mapping[str, tuple[str, ...]]:
    """Return the actions of each door that records."""
    return dict(_recorded)


def unrecorded() -> Mapping[str, str]:
    """Return the reason of each door that does not."""
    return dict(_unrecorded)
