"""Handing out the proof of one mark, to its learner or to who marks in the course."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import rfc8785
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.bundle import bundle_lines
from llmasos.audit.models import Position
from llmasos.audit.reading import Selection
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.appeals.documents import facts_of, shown_marks, shown_proposals, words_of
from tutor.appeals.entries import positions_of, signed_size
from tutor.appeals.errors import NameHiddenError, NotProvableYetError
from tutor.marking.access import FIRST_MARKERS, answer_for
from tutor.marking.errors import NotFoundError
from tutor.models import Answer, Release, Reveal
from tutor.permissions import learner_of
from tutor.results.access import own_results

README, FACTS, WORDS, PROOF = "README.txt", "mark.json", "words.json", "proof.jsonl"
# What a learner is told of after the result was shown to them: what was said and decided, no draft.
_AFTER_RELEASE: Final = frozenset(
    {"tutor.regrade_asked", "tutor.regrade_answered", "tutor.regrade_withdrawn", "tutor.regrade_decided"}
)


def appeal_bundle(principal: Principal, answer_id: UUID) -> bytes:
    """Return a zip archive with all that the log says about the marks of an answer, and its proofs.

    ``mark.json`` holds facts and digests without anybody's words, ``words.json`` the words that they are of, both in
    RFC 8785 form; ``proof.jsonl`` is for ``llmasos-verify``. A learner gets what led to the released marks, and no
    draft after that. That it was handed out is recorded, with the digests of both parts.

    Raises:
        NotFoundError: no answer that the principal may know of, or none whose result is released to them.
        PermissionDenied: staff of the course in another role.
        NameHiddenError: the principal marks anonymous work, and has not had revealed whose it is.
        NotProvableYetError: no checkpoint covers the mark yet.
    """
    of = principal.organisation_id
    with acting_in(of):
        answer, own = _answer(principal, answer_id)
        if not own:
            _require_shown(answer, principal)
        size = signed_size(of)
        entries = list(positions_of(answer, size=size))
        if own:
            entries = _released(answer, entries)
        marks = shown_marks(answer, entries)
        if not marks:
            raise NotProvableYetError(_("The mark is under the next signed checkpoint, within about a minute."))
        facts = rfc8785.dumps(facts_of(answer, marks, shown_proposals(answer, entries), entries))
        words = rfc8785.dumps(words_of(answer, marks, name=str(answer.learner.name), for_staff=not own))
        record(
            organisation_id=of,
            actor=principal.actor,
            action="tutor.appeal_exported",
            subject=Ref("learner", answer.learner_id),
            object=Ref("answer", answer.pk),
            digests={
                "facts": hashlib.sha256(facts).hexdigest(),
                "words": hashlib.sha256(words).hexdigest(),
                "entries": len(entries),
                "size": size,
            },
        )
        selection = Selection(to_seq=size, entry_ids=tuple(one.entry_id for one in entries))
        proof = "".join(f"{line}\n" for line in bundle_lines(of, selection))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, f"{_explanation()}\n")
        archive.writestr(FACTS, facts)
        archive.writestr(WORDS, words)
        archive.writestr(PROOF, proof)
    return content.getvalue()


def _answer(principal: Principal, answer_id: UUID) -> tuple[Answer, bool]:
    """Return the answer, and whether it is the principal's own."""
    if learner_of(principal) is None:
        return answer_for(principal, answer_id, *FIRST_MARKERS), False
    released = Release.objects.for_organisation(principal.organisation_id).filter(withdrawn_at=None)
    found = (
        Answer.objects.for_organisation(principal.organisation_id)
        .select_related("question__rubric", "submission__assignment", "learner")
        .filter(
            pk=answer_id,
            submission__in=own_results(principal),
            submission_id__in=released.values("submission_id"),
        )
        .first()
    )
    if found is None:
        raise NotFoundError
    return found, True


def _released(answer: Answer, entries: Sequence[Position]) -> list[Position]:
    shown = [
        one.seq
        for one in entries
        if one.entry.action == "tutor.released" and one.entry.object_id == answer.submission_id
    ]
    last = max(shown, default=0)
    return [one for one in entries if one.seq <= last or one.entry.action in _AFTER_RELEASE]


def _require_shown(answer: Answer, principal: Principal) -> None:
    """Refuse markers of anonymous work who had not revealed whose it is: the log's entries name the learner by id.

    A program can have nothing revealed to it.
    """
    reveals = Reveal.objects.for_organisation(answer.organisation_id).filter(submission=answer.submission)
    if answer.submission.assignment.anonymous and not reveals.filter(person=principal.id).exists():
        raise NameHiddenError(
            _("The proof says whose work it is, and marking is anonymous: have the name shown first.")
        )


def _explanation() -> str:
    return _(
        "mark.json says what was handed in, proposed, marked, shown and asked again, by ids and digests; proof.jsonl"
        " holds the log's entries about it under a signed checkpoint. Check all of it with `llmasos-verify FILE --key"
        " KEY`, where FILE is this ZIP file and KEY the installation's verifier key, had from elsewhere. words.json"
        " holds the words that the digests are of: pass it on only to who may read them. docs/exchange.md says how each"
        " digest is computed."
    )
