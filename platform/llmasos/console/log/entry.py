"""One entry: what it holds, where it stands, the proof that it was there, and what was sealed beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit import canonical, queries
from llmasos.audit.errors import UnprovableError
from llmasos.audit.models import Checkpoint, Entry
from llmasos.audit.proofs import Inclusion, prove_entry
from llmasos.audit.services import document_of, record
from llmasos.audit.types import Ref
from llmasos.console.log.access import log_view, record_reading
from llmasos.console.log.words import rows_of
from llmasos.vault.errors import DecryptionError, KeyDestroyedError

# Why there is no proof: the entry has no number yet, no checkpoint exists, none covers it, or the log was cut.
WAITS, UNSIGNED, UNCOVERED, BROKEN = "waits", "unsigned", "uncovered", "broken"


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof, or the reason why there is none."""

    inclusion: Inclusion | None
    checkpoint: Checkpoint | None
    reason: str = ""


def _entry(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    entry = _found(request, entry_id)
    record_reading(request, page="entry", target=Ref("entry", entry.pk))
    return render(request, "console/log/entry.html", _context(request, entry))


def _payload(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """Open what was sealed beside the entry; recorded as a read of its subject's data."""
    entry = _found(request, entry_id)
    opened, problem = None, ""
    try:
        opened = queries.payload_of(entry)
        problem = "" if opened is not None else "removed"
    except KeyDestroyedError:
        problem = "erased"
    except DecryptionError:
        problem = "altered"
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="audit.payload_read",
        subject=Ref(entry.subject_kind, entry.subject_id),
        object=Ref("entry", entry.pk),
        outcome="failure" if problem == "altered" else "success",
        digests={"opened": opened is not None},
    )
    words = json.dumps(opened, ensure_ascii=False, indent=2) if opened is not None else ""
    context = {**_context(request, entry), "payload_text": words, "payload_problem": problem}
    return render(request, "console/log/entry.html", context)


def _proof(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    entry = _found(request, entry_id)
    record_reading(request, page="proof", target=Ref("entry", entry.pk))
    context = {"row": rows_of([entry])[0], "proof": prove(request, entry)}
    return render(request, "console/log/proof.html", context)


def _proof_file(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """Answer with the proof as a file that anybody can check without this system."""
    entry = _found(request, entry_id)
    proof = prove(request, entry)
    if proof.inclusion is None:
        raise Http404
    content = {**proof.inclusion.as_json(), "document": document_of(entry)}
    response = HttpResponse(json.dumps(content, indent=2), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="proof-{proof.inclusion.seq}.json"'
    return response


def prove(request: MemberRequest, entry: Entry) -> Proof:
    """Prove that the entry is under the last checkpoint, or say why that cannot be; recorded by the proof itself."""
    organisation_id = request.organisation.pk
    signed = Checkpoint.objects.filter(organisation_id=organisation_id).order_by("-number").first()
    if not hasattr(entry, "position"):
        return Proof(None, signed, WAITS)
    if signed is None:
        return Proof(None, None, UNSIGNED)
    if entry.position.seq > signed.size:
        return Proof(None, signed, UNCOVERED)
    try:
        found = prove_entry(
            organisation_id=organisation_id, actor=request.principal.actor, entry=entry.pk, checkpoint=signed.number
        )
    except UnprovableError:
        return Proof(None, signed, BROKEN)
    return Proof(found, signed, "" if found.holds else BROKEN)


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what an entry's digests hold as lines: where it stands, and what it is."""
    if isinstance(value, Mapping):
        for key, item in sorted(value.items()):
            yield from flat(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, item in enumerate(value, 1):
            yield from flat(item, f"{path} {number}")
    else:
        yield path, str(value)


def _found(request: MemberRequest, entry_id: UUID) -> Entry:
    return get_object_or_404(queries.entries(request.organisation.pk), pk=entry_id)


def _context(request: MemberRequest, entry: Entry) -> dict[str, Any]:
    position = entry.position if hasattr(entry, "position") else None
    return {
        "row": rows_of([entry])[0],
        "digests": list(flat(entry.digests)),
        "digest": bytes(entry.digest).hex(),
        "intact": canonical.entry_digest(document_of(entry)) == bytes(entry.digest),
        "position": position,
        "leaf": bytes(position.leaf_hash).hex() if position else "",
        "chain": bytes(position.chain_hash).hex() if position else "",
        "has_payload": "payload" in entry.digests,
        "may_open": request.principal.has_role(Role.ADMINISTRATOR),
    }


entry = require_safe(log_view(_entry))
payload = require_POST(log_view(_payload, Role.ADMINISTRATOR))
proof = require_safe(log_view(_proof))
proof_file = require_safe(log_view(_proof_file))
