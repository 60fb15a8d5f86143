"""The log's codes in words. A code that is not known here is shown as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llmasos.accounts.models import ApiKey, Person, Role, ServiceAccount
from llmasos.audit.models import Entry
from llmasos.privacy.registry import subject_kinds

ACTOR_KINDS = {
    "person": gettext_lazy("Person"),
    "key": gettext_lazy("API key"),
    "service": gettext_lazy("Service account"),
    "visitor": gettext_lazy("Visitor"),
    "system": gettext_lazy("The platform itself"),
}
NAMESPACES = {
    "accounts": gettext_lazy("People and sign-in"),
    "answering": gettext_lazy("Answers"),
    "audit": gettext_lazy("The log itself"),
    "breakglass": gettext_lazy("Emergency access"),
    "deidentification": gettext_lazy("De-identification"),
    "inference": gettext_lazy("Models"),
    "privacy": gettext_lazy("Privacy"),
    "retrieval": gettext_lazy("Knowledge"),
    "support": gettext_lazy("Support"),
    "vault": gettext_lazy("Keys"),
}
OBJECT_KINDS = {
    "calibration": gettext_lazy("Calibration"),
    "checkpoint": gettext_lazy("Checkpoint"),
    "collection": gettext_lazy("Collection"),
    "conversation": gettext_lazy("Conversation"),
    "document": gettext_lazy("Document"),
    "entry": gettext_lazy("Log entry"),
    "erasure": gettext_lazy("Erasure"),
    "grant": gettext_lazy("Emergency access"),
    "invitation": gettext_lazy("Invitation"),
    "log": gettext_lazy("Log"),
    "mail_server": gettext_lazy("Mail server"),
    "model": gettext_lazy("Model"),
    "organisation": gettext_lazy("Organisation"),
    "privacy_request": gettext_lazy("Privacy request"),
    "queue": gettext_lazy("Queue"),
    "run": gettext_lazy("Run"),
    **ACTOR_KINDS,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of an entry: its kind in words, its id, and its name where one is known."""

    kind: str
    code: str
    id: UUID | None
    name: str

    @property
    def reference(self) -> str:
        """Return what the filter takes."""
        return f"{self.code}:{self.id}"


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as pages show it."""

    entry: Entry
    seq: int | None
    actor: Named
    roles: str
    subject: Named | None
    object: Named | None
    state: str


def namespace_name(namespace: str) -> str:
    return str(NAMESPACES.get(namespace, namespace.replace("_", " ").capitalize()))


def kind_name(code: str) -> str:
    """Name a kind of subject or object; pages that were refused are named by their route."""
    if code.startswith("page"):
        return _("Page %(route)s") % {"route": code.partition(":")[2]} if ":" in code else _("Page")
    registered = subject_kinds().get(code)
    return str(OBJECT_KINDS.get(code) or (registered.label if registered else code))


def role_names(codes: str) -> str:
    return ", ".join(str(Role(code).label) if code in Role.values else code for code in codes.split(",") if code)


def rows_of(entries: Iterable[Entry]) -> list[Row]:
    """Return entries with the names that the organisation knows; inside ``acting_in``."""
    found = list(entries)
    names = _names(found)
    return [_row(entry, names) for entry in found]


def _row(entry: Entry, names: dict[UUID, str]) -> Row:
    return Row(
        entry=entry,
        seq=entry.position.seq if hasattr(entry, "position") else None,
        actor=_named(entry.actor_kind, entry.actor_id, names),
        roles=role_names(entry.actor_role),
        subject=_named(entry.subject_kind, entry.subject_id, names) if entry.subject_kind else None,
        object=_named(entry.object_kind, entry.object_id, names) if entry.object_kind else None,
        state={"success": "good", "denied": "caution"}.get(entry.outcome, "bad"),
    )


def _named(code: str, number: UUID | None, names: dict[UUID, str]) -> Named:
    return Named(kind_name(code), code, number, names.get(number, "") if number else "")


def _names(entries: Iterable[Entry]) -> dict[UUID, str]:
    """Look names up, one query for each kind that occurs."""
    wanted: dict[str, set[UUID]] = {}
    for entry in entries:
        for code, number in (
            (entry.actor_kind, entry.actor_id),
            (entry.subject_kind, entry.subject_id),
            (entry.object_kind, entry.object_id),
        ):
            if number is not None and code in ("person", "key", "service"):
                wanted.setdefault(code, set()).add(number)
    found = {
        "person": Person.objects.all(),
        "key": ApiKey.objects.all(),
        "service": ServiceAccount.objects.all(),
    }
    return {row.pk: str(row) for code, numbers in wanted.items() for row in found[code].filter(pk__in=numbers)}
