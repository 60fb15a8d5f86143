"""Which model an organisation's proposals come from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from llmasos.accounts.tenancy import acting_in
from tutor.models import GradingModel

if TYPE_CHECKING:
    from tutor.engine.model import GlobalModel


def own_models(organisation_id: UUID) -> QuerySet[GradingModel]:
    """Return the organisation's own models without their content, the latest first."""
    return GradingModel.objects.for_organisation(organisation_id).defer("content").order_by("-created_at")


def model_for(organisation_id: UUID) -> GlobalModel:
    """Return the model in use: the organisation's own, else the packaged one.

    Raises:
        ModelFileError: it was made with another version of scikit-learn, or is damaged.
    """
    from tutor.engine import models

    with acting_in(organisation_id):
        digest = own_models(organisation_id).filter(in_use=True).values_list("digest", flat=True).first()
    return models.default() if digest is None else _loaded(organisation_id, digest)


@lru_cache(maxsize=4)
def _loaded(organisation_id: UUID, digest: str) -> GlobalModel:
    from tutor.engine.model import read

    with acting_in(organisation_id):
        kept = GradingModel.objects.for_organisation(organisation_id).get(digest=digest)
    return read(bytes(kept.content), name=digest[:12])
