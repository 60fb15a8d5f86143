"""Own models are trained, chosen and removed here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from threadpoolctl import threadpool_limits

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import GradingModel
from tutor.training import history

if TYPE_CHECKING:
    from tutor.engine.seeding import Embed
    from tutor.engine.training import Marked

FEW = 5_000
"""Below so many answers a model is fitted on one core."""
OWN = "own"
"""The licence of what an organisation's own marks taught: nobody else may have it."""


def train_own(
    principal: Principal,
    *,
    embed: Embed,
    more: Sequence[Marked] = (),
    sources: Mapping[str, str] | None = None,
    progress: Callable[[str], object] = lambda line: None,
) -> GradingModel:
    """Train a model on the organisation's own marks, and ``more`` from files, and keep it; it is not used yet.

    ``sources`` names the files with their licences. The texts stay in this process, and none is in the model.

    Raises:
        PermissionDenied: no administrator, nor the platform.
        ValueError: there are too few marks: the message says what is needed.
    """
    from tutor.engine import training
    from tutor.engine.features import Vectors
    from tutor.engine.model import CORRECT, INCORRECT, save

    _require_administrator(principal)
    progress("reading the marks")
    with acting_in(principal.organisation_id):
        own = history.examples(principal.organisation_id)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.answers_read",
            object=Ref("organisation", principal.organisation_id),
            purpose="training",
            digests={"count": sum(len(one.texts) for one in own)},
        )
    answers = sum(len(one.texts) for one in (*own, *more))
    progress(f"{answers} marked answers are read and compared")
    # Threads that wait for each other at every split of a small tree cost more than they do, the more so on a busy
    # machine: 35 s instead of one for a hundred answers.
    with threadpool_limits(limits=1 if answers < FEW else None, user_api="openmp"):
        fitted = training.fit(
            [*own, *more], (CORRECT, INCORRECT), Vectors(embed), keeps_answers=not own, progress=progress
        )
    card: dict[str, Any] = {
        "data": ["own marks", *(sources or {})],
        "license": OWN,
        "licenses_of_files": dict(sources or {}),
        "answers": answers,
        "own_answers": sum(len(one.texts) for one in own),
        "questions": len(own) + len(more),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.skops"
        digest = save(fitted, path, card=card)
        content = path.read_bytes()
    with acting_in(principal.organisation_id):
        # The same marks give the same weights: what is there already is that model.
        made, _new = GradingModel.objects.for_organisation(principal.organisation_id).get_or_create(
            organisation_id=principal.organisation_id, digest=digest, defaults={"content": content, "card": card}
        )
        _record(principal, "tutor.model_trained", {"model": digest, "answers": card["answers"]})
        return made


def choose(principal: Principal, digest: str) -> GradingModel | None:
    """Use an own model from now on, by its digest or the beginning of it; with an empty one the packaged model again.

    Proposals that are shown stay: new ones stand beside them until somebody applies them.

    Raises:
        PermissionDenied, GradingModel.DoesNotExist.
        GradingModel.MultipleObjectsReturned: several digests begin so.
    """
    _require_administrator(principal)
    with acting_in(principal.organisation_id):
        chosen = _named(principal.organisation_id, digest) if digest else None
        models = GradingModel.objects.for_organisation(principal.organisation_id).select_for_update()
        models.filter(in_use=True).update(in_use=False)
        if chosen is not None:
            models.filter(pk=chosen.pk).update(in_use=True)
            chosen.in_use = True
        _record(principal, "tutor.model_chosen", {"model": chosen.digest if chosen is not None else ""})
        return chosen


def remove(principal: Principal, digest: str) -> None:
    """Delete an own model; where it was in use, the packaged one is used again. Raises as ``choose``."""
    _require_administrator(principal)
    with acting_in(principal.organisation_id):
        gone = _named(principal.organisation_id, digest)
        _record(principal, "tutor.model_removed", {"model": gone.digest})
        gone.delete()


def _named(organisation_id: UUID, digest: str) -> GradingModel:
    return GradingModel.objects.for_organisation(organisation_id).defer("content").get(digest__startswith=digest)


def _require_administrator(principal: Principal) -> None:
    if principal.kind != "system" and not principal.has_role("administrator"):
        raise PermissionDenied("own models are the administrator's")


def _record(principal: Principal, action: str, digests: Mapping[str, DigestValue]) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("organisation", principal.organisation_id),
        digests=digests,
    )
