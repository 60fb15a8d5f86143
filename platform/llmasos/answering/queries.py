"""Reads of answering."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from llmasos.answering.evidence import DEFAULTS, Parameters
from llmasos.answering.models import Calibration


def parameters_for(organisation_id: UUID, collection_ids: Sequence[UUID]) -> Parameters:
    """Return the parameters fitted to this one collection, else to the whole organisation, else the defaults.

    Call it inside ``acting_in``.
    """
    fitted = {
        calibration.collection_id: calibration.parameters
        for calibration in Calibration.objects.for_organisation(organisation_id)
    }
    if len(collection_ids) == 1 and collection_ids[0] in fitted:
        return Parameters.from_dict(fitted[collection_ids[0]])
    return Parameters.from_dict(fitted[None]) if None in fitted else DEFAULTS
