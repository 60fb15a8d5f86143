"""What can be proposed, reviewed and put in use: each kind registers how its content is read and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from clinical_assist.models import KnowledgeVersion

# Tables by name, their entries by code, an entry's fields by name.
Tables = Mapping[str, Mapping[str, Mapping[str, Any]]]


class ContentError(ValueError):
    """The content cannot be read or is not consistent; the message names the place and what is wrong."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of content.

    ``built_in`` returns what comes with the application. ``tables`` reads and checks content and returns it for
    comparison; it raises ContentError. ``measure`` returns figures of a content beside those of what is in use
    (content, then the other's); kinds without it are put in use unmeasured. ``curate`` is the name of the page on
    which changes are proposed, ``figures`` the template that shows what was measured. ``require_fitting`` holds a
    content against what else the organisation has in use, inside ``acting_in``; it raises ContentError. Where it
    ``stacks``, its page takes ``?on=`` an open proposal to change more on top of it. ``carried`` makes the changes of a
    content against its base once more on what is in use (content, base, what is in use). ``label`` says what a field is
    called (field, its entry), with its unit.
    """

    code: KnowledgeVersion.Kind
    built_in: Callable[[], str]
    tables: Callable[[str], Tables]
    curate: str
    measure: Callable[[str, str], Mapping[str, Any]] | None = None
    stacks: bool = False
    carried: Callable[[str, str, str], str] | None = None
    label: Callable[[str, Mapping[str, Any]], str] = lambda field, _entry: field
    figures: str = "clinical_assist/governance/figures.html"
    require_fitting: Callable[[UUID, str], None] | None = None


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; called in ``AppConfig.ready``."""
    _kinds[kind.code] = kind


def kind_of(code: str) -> Kind:
    """Return a registered kind. Raises KeyError."""
    return _kinds[code]


def kinds() -> list[Kind]:
    """Return all kinds in the order of their codes' choices."""
    return [_kinds[code] for code in KnowledgeVersion.Kind.values if code in _kinds]


def digest_of(content: str) -> str:
    """Return the SHA-256 digest of a content."""
    return sha256(content.encode()).hexdigest()
