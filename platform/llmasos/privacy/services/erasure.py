"""Erasing a subject: the key first, then every store, then a report under the log's next checkpoint.

Each step is a transaction of its own and may be taken twice, so that a worker that is lost is followed by another
which goes on. Destroying the key comes first: from then on nothing can be sealed for the subject any more, and
what is sealed already, in backups as well, is noise.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import rfc8785
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from llmasos.privacy import journal, permissions
from llmasos.privacy.errors import ErasureBlockedError, ErasureIncompleteError
from llmasos.privacy.models import Erasure, ErasureState, Request, RequestState
from llmasos.privacy.publishing import publish_erasure
from llmasos.privacy.queries import holds_on
from llmasos.privacy.registry import Store, stores_of
from llmasos.privacy.subjects import id_of, kind_of, require_known
from llmasos.vault.services import destroy_key

KEY_STEP = "vault.keys"
_PASSES = 3


def start_erasure(principal: Principal, subject: Ref, *, request: Request | None = None) -> Erasure:
    """Order the erasure of a subject, or return the one that is at work already. A worker carries it out.

    Raises:
        NotAllowedError: the principal is no administrator.
        UnknownSubjectError: the organisation knows no such subject.
        ErasureBlockedError: a legal hold or the subject's own duties forbid it.
    """
    with acting_in(principal.organisation_id):
        erasure = _ordered(principal, subject, request=request)
        transaction.on_commit(lambda: publish_erasure(erasure))
    return erasure


def erase_now(principal: Principal, subject: Ref) -> Erasure:
    """Order the erasure and carry it out here, for commands. Raises what ``start_erasure`` and ``carry_out`` raise."""
    with acting_in(principal.organisation_id):
        erasure = _ordered(principal, subject)
    return carry_out(principal.organisation_id, erasure.pk)


def erase_again(organisation_id: UUID, subject: Ref) -> Erasure:
    """Repeat an erasure after a backup brought the subject back.

    It was decided when it was made, so that holds are not asked again, and it stands in the journal already.
    """
    kind_of(subject.kind)
    with acting_in(organisation_id):
        erasure = _open_erasure(organisation_id, subject) or _new_erasure(system_principal(organisation_id), subject)
    return carry_out(organisation_id, erasure.pk, repeated=True)


def carry_out(organisation_id: UUID, erasure_id: UUID, *, repeated: bool = False) -> Erasure:
    """Do what is left of an erasure and return it. Safe to call by several at once, and again after a crash.

    Raises:
        ErasureBlockedError: a hold was placed before anything was erased.
        ErasureIncompleteError: something of the subject came back each time; it is tried again later.
    """
    with acting_in(organisation_id):
        erasure = _locked(organisation_id, erasure_id)
        if erasure.state == ErasureState.DONE:
            return erasure
        subject = erasure.subject
        erasure.state, erasure.touched_at = ErasureState.RUNNING, timezone.now()
        erasure.attempts += 1
        erasure.save(update_fields=["state", "touched_at", "attempts"])
        if not _has_step(erasure, KEY_STEP):
            if not repeated:
                _require_free(organisation_id, subject)
            _destroy_key(erasure, journalled=not repeated)
    stores = stores_of(subject.kind)
    for store in stores:
        _erase_in(store, organisation_id, erasure_id, subject)
    for _again in range(_PASSES):
        if not (left := _left(stores, organisation_id, subject)):
            return _finish(organisation_id, erasure_id, stores)
        for store in left:
            _erase_in(store, organisation_id, erasure_id, subject, again=True)
    names = ", ".join(store.name for store in _left(stores, organisation_id, subject))
    if names:
        raise ErasureIncompleteError(_("Something came back while it was erased: %(stores)s.") % {"stores": names})
    return _finish(organisation_id, erasure_id, stores)


def why_blocked(organisation_id: UUID, subject: Ref) -> str:
    """Return why a subject cannot be erased now, for people; "" where nothing forbids it. Inside ``acting_in``."""
    holds = holds_on(organisation_id, subject)
    if holds:
        return _("A legal hold of %(date)s forbids it: %(reason)s") % {
            "date": f"{holds[0].placed_at:%Y-%m-%d}",
            "reason": holds[0].reason,
        }
    protected = kind_of(subject.kind).protected
    return protected(organisation_id, id_of(subject)) if protected else ""


def _ordered(principal: Principal, subject: Ref, *, request: Request | None = None) -> Erasure:
    permissions.require_officer(principal)
    require_known(principal.organisation_id, subject)
    _require_free(principal.organisation_id, subject)
    present = _open_erasure(principal.organisation_id, subject)
    return present or _new_erasure(principal, subject, request=request)


def _new_erasure(principal: Principal, subject: Ref, *, request: Request | None = None) -> Erasure:
    erasure = Erasure.objects.create(
        organisation_id=principal.organisation_id,
        subject_kind=subject.kind,
        subject_id=id_of(subject),
        request=request,
        requested_by_kind=principal.kind,
        requested_by_id=principal.id,
    )
    _record(erasure, principal.actor, "privacy.erasure_started")
    return erasure


def _open_erasure(organisation_id: UUID, subject: Ref) -> Erasure | None:
    return (
        Erasure.objects.for_organisation(organisation_id)
        .filter(subject_kind=subject.kind, subject_id=id_of(subject))
        .exclude(state=ErasureState.DONE)
        .first()
    )


def _require_free(organisation_id: UUID, subject: Ref) -> None:
    if reason := why_blocked(organisation_id, subject):
        raise ErasureBlockedError(reason)


def _destroy_key(erasure: Erasure, *, journalled: bool) -> None:
    destroyed = destroy_key(
        organisation_id=erasure.organisation_id, subject_kind=erasure.subject_kind, subject_id=erasure.subject_id
    )
    _add_step(erasure, KEY_STEP, removed=int(destroyed), outside=0)
    _record(erasure, Actor("system"), "privacy.key_destroyed")
    if journalled:
        # Last before the commit: an erasure that is journalled and then lost is merely repeated on restore.
        journal.append(journal.Erasure(erasure.organisation_id, erasure.subject, timezone.now()))


def _erase_in(store: Store, organisation_id: UUID, erasure_id: UUID, subject: Ref, *, again: bool = False) -> None:
    with acting_in(organisation_id):
        if _has_step(_locked(organisation_id, erasure_id), store.name) and not again:
            return
    outside = store.forget(organisation_id, subject) if store.forget else 0
    with acting_in(organisation_id):
        erasure = _locked(organisation_id, erasure_id)
        if _has_step(erasure, store.name) and not again:
            return
        _add_step(erasure, store.name, removed=store.erase(organisation_id, subject), outside=outside)


def _left(stores: tuple[Store, ...], organisation_id: UUID, subject: Ref) -> list[Store]:
    with acting_in(organisation_id):
        return [store for store in stores if store.count and not store.kept and store.count(organisation_id, subject)]


def _finish(organisation_id: UUID, erasure_id: UUID, stores: tuple[Store, ...]) -> Erasure:
    with acting_in(organisation_id):
        erasure = _locked(organisation_id, erasure_id)
        if erasure.state == ErasureState.DONE:
            return erasure
        now = timezone.now()
        erasure.report = _report(erasure, stores, finished=now.isoformat())
        erasure.report_digest = report_digest(erasure.report)
        erasure.state, erasure.finished_at, erasure.touched_at = ErasureState.DONE, now, now
        erasure.save(update_fields=["report", "report_digest", "state", "finished_at", "touched_at"])
        if erasure.request_id is not None:
            Request.objects.for_organisation(organisation_id).filter(pk=erasure.request_id).update(
                state=RequestState.DONE, decided_at=now, decided_by_id=erasure.requested_by_id
            )
        record(
            organisation_id=organisation_id,
            actor=Actor("system"),
            action="privacy.erased",
            subject=erasure.subject,
            object=Ref("erasure", erasure.pk),
            digests={
                "report": erasure.report_digest,
                "stores": len(erasure.report["stores"]),
                "removed": sum(step["removed"] + step["outside"] for step in erasure.report["stores"]),
            },
        )
    return erasure


def report_digest(report: dict[str, Any]) -> str:
    """Return the SHA-256 of a report in RFC 8785 form, as the log's entry holds it."""
    return hashlib.sha256(rfc8785.dumps(report)).hexdigest()


def _report(erasure: Erasure, stores: tuple[Store, ...], *, finished: str) -> dict[str, Any]:
    """Say what was removed where: codes, counts and ids, so that the report outlives the subject's data."""
    removed: dict[str, dict[str, int]] = {}
    for step in erasure.steps:
        total = removed.setdefault(step["store"], {"removed": 0, "outside": 0})
        total["removed"] += step["removed"]
        total["outside"] += step["outside"]
    known = {store.name: store for store in stores}
    return {
        "erasure": str(erasure.pk),
        "organisation": str(erasure.organisation_id),
        "subject": {"kind": erasure.subject_kind, "id": str(erasure.subject_id)},
        "asked": erasure.created_at.isoformat(),
        "finished": finished,
        "stores": [
            {
                "store": name,
                "tables": list(known[name].tables) if name in known else [],
                **counts,
                "kept": bool(name in known and known[name].kept),
            }
            for name, counts in removed.items()
        ],
    }


def _locked(organisation_id: UUID, erasure_id: UUID) -> Erasure:
    return Erasure.objects.for_organisation(organisation_id).select_for_update().get(pk=erasure_id)


def _has_step(erasure: Erasure, store: str) -> bool:
    return any(step["store"] == store for step in erasure.steps)


def _add_step(erasure: Erasure, store: str, *, removed: int, outside: int) -> None:
    erasure.steps = [*erasure.steps, {"store": store, "removed": removed, "outside": outside}]
    erasure.touched_at = timezone.now()
    erasure.save(update_fields=["steps", "touched_at"])


def _record(erasure: Erasure, actor: Actor, action: str) -> None:
    record(
        organisation_id=erasure.organisation_id,
        actor=actor,
        action=action,
        subject=erasure.subject,
        object=Ref("erasure", erasure.pk),
    )
