"""What clinicians say of suggestions: given in a moment, listed for review, answered."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.governance.about.reading import NAMES
from clinical_assist.governance.leads import governs, require_governing
from clinical_assist.models import Feedback
from clinical_assist.permissions import READERS
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

LONGEST_SUGGESTION = 200


def give(principal: Principal, about: str, *, is_good: bool, words: str, suggestion: str, version: str) -> Feedback:
    """Keep what somebody says of a suggestion.

    Raises:
        PermissionDenied: the principal is neither clinician nor administrator.
        ValidationError: there is no such model or rule set, the words are too long, or a "no" comes without words.
    """
    if principal.kind != "person" or principal.id is None or not principal.has_role(*READERS):
        raise PermissionDenied
    if about not in NAMES:
        raise ValidationError(_("There is no such model or rule set."))
    if not is_good and not words.strip():
        raise ValidationError({"words": _("Say in a few words what is wrong, so that somebody can mend it.")})
    with acting_in(principal.organisation_id):
        given = Feedback(
            organisation_id=principal.organisation_id,
            about=about,
            suggestion=suggestion[:LONGEST_SUGGESTION],
            version=version[:80],
            is_good=is_good,
            words=words.strip(),
            given_by_id=principal.id,
        )
        _check_words(given)
        given.save(force_insert=True)
        _record(principal, given, "clinical.feedback_given")
        return given


def answer(principal: Principal, feedback_id: UUID, *, state: str, words: str) -> Feedback:
    """Set the state of a feedback and what is answered.

    Raises:
        PermissionDenied: the principal does not govern.
        Feedback.DoesNotExist: there is none.
        ValidationError: the state is unknown or the words are too long.
    """
    with acting_in(principal.organisation_id):
        person_id = require_governing(principal)
        found = Feedback.objects.for_organisation(principal.organisation_id).select_for_update().get(pk=feedback_id)
        if state not in Feedback.State.values:
            raise ValidationError({"state": _("Choose one of the states.")})
        found.state, found.answer = state, words.strip()
        found.answered_by_id, found.answered_at = person_id, timezone.now()
        _check_words(found)
        found.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        _record(principal, found, "clinical.feedback_answered")
        return found


def feedback_of(principal: Principal) -> QuerySet[Feedback]:
    """Return what was said, newest first: all of it to who governs, to others what they said themselves."""
    rows = Feedback.objects.for_organisation(principal.organisation_id).select_related("given_by", "answered_by")
    return rows if governs(principal) else rows.filter(given_by=principal.id)


def waiting(organisation_id: UUID) -> int:
    """Return how many nobody has looked at; inside ``acting_in``."""
    rows = Feedback.objects.for_organisation(organisation_id)
    return rows.filter(state__in=(Feedback.State.OPEN, Feedback.State.UNDER_WAY)).count()


def _check_words(row: Feedback) -> None:
    row.clean_fields(exclude={field.name for field in row._meta.fields} - {"words", "answer"})


def _record(principal: Principal, row: Feedback, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("feedback", row.pk),
        digests={"about": row.about, "is_good": row.is_good, "state": str(row.state)},
    )
