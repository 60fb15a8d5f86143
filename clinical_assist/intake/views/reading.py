"""What the forms of intake and differential send."""

from __future__ import annotations

from uuid import UUID

from django.http import QueryDict

from clinical_assist.intake.case import STATES
from clinical_assist.intake.engine import Engine
from clinical_assist.intake.stored import Entered

_STATE = "state-"


def chosen_states(data: QueryDict, engine: Engine) -> dict[str, str]:
    """Return the states of findings as the form has them."""
    return {
        name.removeprefix(_STATE): str(value)
        for name, value in data.items()
        if name.startswith(_STATE) and name.removeprefix(_STATE) in engine.model.rows and value in STATES
    }


def answered(data: QueryDict) -> dict[str, str]:
    """Return the answer to the question that was asked, "CODE:STATE"."""
    code, _colon, state = data.get("answer", "").partition(":")
    return {code: state} if state in STATES else {}


def entered(data: QueryDict, engine: Engine) -> Entered:
    """Return what the page of an intake sends."""
    revision = data.get("over") or data.get("revision", "")
    return Entered(
        revision=int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 9 else -1,
        text=data.get("text", "").replace("\r\n", "\n").strip(),
        chosen=chosen_states(data, engine),
        asked=answered(data),
        taken=_taken(data),
    )


def _taken(data: QueryDict) -> dict[str, tuple[str, UUID]]:
    """Return what is taken over from the record, "CODE:STATE:ITEM"."""
    code, _colon, rest = data.get("take", "").partition(":")
    state, _colon, item = rest.partition(":")
    try:
        return {code: (state, UUID(item))} if state in STATES else {}
    except ValueError:
        return {}
