"""What operators do to the models of the installation while it serves. Each act is an entry of the log."""

from __future__ import annotations

import json
from uuid import UUID

from django.db import transaction

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import catalogue
from llmasos.inference.errors import InvalidRequest, ModelUnavailable
from llmasos.inference.models import CatalogueEntry, ModelTask, OrganisationDefault
from llmasos.inference.permissions import require_operator
from llmasos.inference.valkey import UNREACHABLE, client

MODELS_CHANNEL = "llmasos:models"


def warm(principal: Principal, name: str) -> CatalogueEntry:
    """Ask the workers that serve a model's task to load it; ``queries.model_states`` tells how that went.

    Raises NotAllowedError, UnknownModel, or ModelUnavailable for a draining model and while no worker can be told.
    """
    require_operator(principal)
    entry = catalogue.named(name)
    if entry.is_draining:
        raise ModelUnavailable(f"the model {name} is being drained: resume it first")
    with transaction.atomic():
        catalogue.record_change(principal, entry.digest, "warm")
    try:
        client().publish(MODELS_CHANNEL, json.dumps({"task": entry.task, "name": name}))
    except UNREACHABLE as error:
        raise ModelUnavailable("the workers cannot be reached") from error
    return entry


def pin(principal: Principal, name: str) -> CatalogueEntry:
    """Keep a model loaded once it is: neither idleness nor another's need of memory unloads it."""
    return _changed(principal, name, "pin", is_pinned=True)


def unpin(principal: Principal, name: str) -> CatalogueEntry:
    """Let a model be unloaded again."""
    return _changed(principal, name, "unpin", is_pinned=False)


def drain(principal: Principal, name: str) -> CatalogueEntry:
    """Take no new requests for a model. Those that run go on; then the workers unload it."""
    return _changed(principal, name, "drain", is_draining=True)


def resume(principal: Principal, name: str) -> CatalogueEntry:
    """Take requests for a drained model again."""
    return _changed(principal, name, "resume", is_draining=False)


def set_default(principal: Principal, name: str, *, organisation_id: UUID | None = None) -> CatalogueEntry:
    """Use a model where none is named for its task: for everybody, or for one organisation.

    Raises NotAllowedError, UnknownModel, or InvalidRequest for one organisation's embedding model: what is searched was
    embedded by the model of the installation.
    """
    if organisation_id is None:
        return catalogue.make_default(name, principal=principal)
    require_operator(principal)
    entry = catalogue.named(name)
    if entry.task == ModelTask.EMBED:
        raise InvalidRequest("one model embeds the knowledge of all organisations")
    with acting_in(organisation_id):
        OrganisationDefault.objects.for_organisation(organisation_id).update_or_create(
            organisation_id=organisation_id, task=entry.task, defaults={"entry": entry}
        )
        _record_default(principal, organisation_id, entry.digest)
    catalogue.forget()
    return entry


def clear_default(principal: Principal, task: str, *, organisation_id: UUID) -> bool:
    """Have an organisation use everybody's default again; False where it did. Raises NotAllowedError."""
    require_operator(principal)
    with acting_in(organisation_id):
        removed, _ = OrganisationDefault.objects.for_organisation(organisation_id).filter(task=task).delete()
        if removed:
            _record_default(principal, organisation_id, "")
    catalogue.forget()
    return bool(removed)


def _changed(principal: Principal, name: str, act: str, **flags: bool) -> CatalogueEntry:
    """Change an entry's flags. Raises NotAllowedError or UnknownModel."""
    require_operator(principal)
    with transaction.atomic():
        entry = catalogue.named(name)
        for flag, value in flags.items():
            setattr(entry, flag, value)
        entry.save(update_fields=list(flags))
        catalogue.record_change(principal, entry.digest, act)
    catalogue.forget()
    return entry


def _record_default(principal: Principal, organisation_id: UUID, digest: str) -> None:
    record(
        organisation_id=organisation_id,
        actor=principal.actor,
        action="inference.catalogue_change",
        object=Ref("model", None),
        purpose="organisation_default",
        digests={"model": digest} if digest else None,
    )
