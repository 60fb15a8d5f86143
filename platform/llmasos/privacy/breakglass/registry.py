"""The kinds of subjects for whom emergency access can be asked. Applications register theirs in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from llmasos.privacy.breakglass.errors import NotCoveredError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class CoveredKind:
    """A kind of subject ("patient") that roles may reach in an emergency, for ``longest`` at most.

    ``describe`` returns what names the subject on the page where access is asked, as little as tells it from others
    (it is shown before access is given), and None when the organisation has no such subject; inside ``acting_in``.
    """

    kind: str
    label: StrOrPromise
    roles: frozenset[str]
    describe: Callable[[UUID, UUID], str | None]
    longest: timedelta


_kinds: dict[str, CoveredKind] = {}


def cover(
    kind: str,
    label: StrOrPromise,
    *,
    roles: Iterable[str],
    describe: Callable[[UUID, UUID], str | None],
    longest: timedelta = LONGEST,
) -> CoveredKind:
    """Let ``roles`` ask for emergency access to subjects of ``kind``. Covering it again otherwise is an error."""
    covered = CoveredKind(kind, label, frozenset(roles), describe, longest)
    known = _kinds.setdefault(kind, covered)
    if (known.roles, known.describe, known.longest) != (covered.roles, covered.describe, covered.longest):
        raise ValueError(f"Emergency access to {kind!r} is registered already.")
    return known


def uncover(kind: str) -> None:
    """Offer emergency access to a kind no longer: grants that still run stop counting at once."""
    _kinds.pop(kind, None)


def covered_kind(kind: str) -> CoveredKind:
    """Return the kind. Raises ``NotCoveredError`` when no application registered it."""
    try:
        return _kinds[kind]
    except KeyError:
        raise NotCoveredError(f"No application offers emergency access to {kind!r}.") from None


def covered_kinds() -> Mapping[str, CoveredKind]:
    """Return every kind for which access can be asked."""
    return dict(sorted(_kinds.items()))
