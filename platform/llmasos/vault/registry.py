"""What other packages seal directly under the key-encryption key in places that are no encrypted fields of theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealedValues:
    """Sealed values outside encrypted fields.

    ``use`` counts them by the key that each is sealed under. ``reseal`` moves at most a number of them to the named
    key in the caller's transaction and returns how many; 0 when all are there.
    """

    name: str
    use: Callable[[], Mapping[str, int]]
    reseal: Callable[[str, int], int]


_values: dict[str, SealedValues] = {}


def register_sealed_values(values: SealedValues) -> None:
    """Make the values known to rotation, from ``AppConfig.ready``."""
    _values[values.name] = values


def sealed_values() -> Mapping[str, SealedValues]:
    """Return all by name."""
    return dict(sorted(_values.items()))
