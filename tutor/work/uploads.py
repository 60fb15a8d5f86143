"""Files that learners add to an answer: the file stays sealed as it came, its text becomes part of the answer."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import Answer, AnswerFile, Question, Submission
from tutor.permissions import MARKERS, course_for, learner_of
from tutor.work.errors import ConflictError, UploadError
from tutor.work.reading.files import DOCX, PDF, TEXT, media_type_of, text_of
from tutor.work.services import answer_to, lock_open, question_of, store
from tutor.work.writing import LONGEST_TEXT, Written, cleaned

MOST_FILES = 5
"""Files of one answer."""
MAX_SUBMISSION_BYTES = 40 * 1024 * 1024
LONGEST_NAME = 120
_SUFFIXES = {PDF: ".pdf", DOCX: ".docx", TEXT: ".txt"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A stored file and the text that was read in it; none where it holds only pictures."""

    file: AnswerFile
    text: str


def upload(
    principal: Principal,
    submission_id: UUID,
    question_id: UUID,
    *,
    name: str,
    content: bytes,
    replace: bool = False,
    expected_revision: int,
) -> Uploaded:
    """Store a file with an own answer and put its text below what is written, or with ``replace`` in its place.

    Raises:
        Submission.DoesNotExist, Question.DoesNotExist: not the learner's.
        UploadError: the file is not taken; the message says why.
        ConflictError: the answer was changed since ``expected_revision``, elsewhere.
        ClosedError, HandedInError: nothing changes any more.
    """
    media_type = media_type_of(content)
    text = text_of(content, media_type)
    with acting_in(principal.organisation_id):
        submission = lock_open(principal, submission_id)
        question = question_of(submission, question_id)
        if question.kind not in (Question.Kind.SHORT, Question.Kind.ESSAY):
            raise UploadError(_("This question takes no file."))
        answer = answer_to(submission, question)
        if answer.revision != expected_revision:
            raise ConflictError(Written(answer.text), revision=answer.revision, saved_at=answer.saved_at)
        _check_room(submission, answer, len(content))
        parts = [text] if replace and text else [part for part in (answer.text.rstrip(), text) if part]
        whole = "\n\n".join(parts)
        if len(whole) > LONGEST_TEXT:
            raise UploadError(_("The file holds more text than an answer can take."))
        store(answer, Written(whole))
        stored = AnswerFile.objects.create(
            organisation_id=principal.organisation_id,
            answer=answer,
            learner_id=submission.learner_id,
            name=tidy_name(name, media_type),
            media_type=media_type,
            size=len(content),
            digest=sha256(content).hexdigest(),
            content=b64encode(content).decode(),
        )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.file_uploaded",
            subject=Ref("learner", submission.learner_id),
            object=Ref("answer_file", stored.pk),
            digests={"file": stored.digest, "size": stored.size, "submission": str(submission.pk)},
        )
        return Uploaded(stored, text)


def remove_file(principal: Principal, file_id: UUID) -> AnswerFile:
    """Take an own file away while the attempt is open; the text that was read in it stays for its writer to edit.

    Raises:
        AnswerFile.DoesNotExist, ClosedError, HandedInError
    """
    with acting_in(principal.organisation_id):
        stored = _files(principal).get(pk=file_id)
        try:
            submission = lock_open(principal, stored.answer.submission_id)
        except Submission.DoesNotExist:
            raise AnswerFile.DoesNotExist from None
        store(stored.answer, Written(stored.answer.text, tuple(stored.answer.choices)))
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.file_removed",
            subject=Ref("learner", submission.learner_id),
            object=Ref("answer_file", stored.pk),
            digests={"file": stored.digest, "submission": str(submission.pk)},
        )
        AnswerFile.objects.for_organisation(principal.organisation_id).filter(pk=file_id).delete()
        return stored


def read_file(principal: Principal, file_id: UUID) -> tuple[str, bytes]:
    """Return a file's name and content: to its learner, or to the markers of the course. The read is recorded.

    Markers of an anonymous assignment get a name of its pseudonym: what a learner called it may say who they are.

    Raises:
        AnswerFile.DoesNotExist: there is none that the principal may know of.
    """
    with acting_in(principal.organisation_id):
        stored = _files(principal).get(pk=file_id)
        submission = stored.answer.submission
        learner = learner_of(principal)
        is_own = learner is not None and learner.pk == submission.learner_id
        if not is_own:
            try:
                course_for(principal, submission.assignment.course_id, *MARKERS)
            except (PermissionDenied, submission.assignment.course.DoesNotExist):
                raise AnswerFile.DoesNotExist from None
            # A learner's draft is theirs alone.
            if submission.state != Submission.State.SUBMITTED:
                raise AnswerFile.DoesNotExist
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.file_read",
            subject=Ref("learner", submission.learner_id),
            object=Ref("answer_file", stored.pk),
        )
        hidden = not is_own and submission.assignment.anonymous
        name = f"{submission.pseudonym}{_SUFFIXES.get(stored.media_type, '')}" if hidden else stored.name
        return name, b64decode(stored.content)


def tidy_name(name: str, media_type: str) -> str:
    """Return a file's name without folders and control characters, ending as its content demands."""
    last = "".join(one for one in cleaned(name).replace("\\", "/").rpartition("/")[2] if one.isprintable()).strip(". ")
    stem = PurePath(last).stem[:LONGEST_NAME].strip(". ") or _("answer")
    suffix = PurePath(last).suffix.lower()
    fitting = _SUFFIXES[media_type]
    return f"{stem}{suffix if media_type == TEXT and suffix in ('.txt', '.md') else fitting}"


def _files(principal: Principal) -> QuerySet[AnswerFile]:
    return AnswerFile.objects.for_organisation(principal.organisation_id).select_related(
        "answer__submission__assignment__course"
    )


def _check_room(submission: Submission, answer: Answer, size: int) -> None:
    sizes = list(
        AnswerFile.objects.for_organisation(submission.organisation_id)
        .filter(answer__submission=submission)
        .values_list("answer_id", "size")
    )
    if sum(1 for answer_id, _size in sizes if answer_id == answer.pk) >= MOST_FILES:
        raise UploadError(_("An answer takes %(number)s files. Remove one first.") % {"number": MOST_FILES})
    if sum(known for _id, known in sizes) + size > MAX_SUBMISSION_BYTES:
        raise UploadError(_("All files together may have %(number)s MB.") % {"number": MAX_SUBMISSION_BYTES // 2**20})
