"""Taking marks over from a file: previewed, given to exactly what was shown, and undone as a whole."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import QuerySet

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.interchange.marks.planning import MarksPlan, plan_marks, proposals_of
from tutor.interchange.tables import read_table
from tutor.jobs import Step, unseen
from tutor.marking.access import FIRST_MARKERS, assignment_for, require_importer
from tutor.marking.errors import NotFoundError, NothingToDoError, PreviewChangedError
from tutor.marking.group_types import Undone
from tutor.marking.learning import learn_from_marks
from tutor.marking.services.storing import Value, new_mark, store_marks
from tutor.marking.services.undoing import take_back
from tutor.models import FeedbackDraft, Mark, MarksImport
from tutor.permissions import courses_of
from tutor.programs import program_id


def imports_of(principal: Principal, assignment_id: UUID) -> QuerySet[MarksImport]:
    """Return the imports of an assignment, the latest first. Raises NotFoundError, PermissionDenied."""
    assignment = assignment_for(principal, assignment_id, *FIRST_MARKERS)
    found = MarksImport.objects.for_organisation(principal.organisation_id).filter(assignment=assignment)
    return found.select_related("person")


def preview_marks(principal: Principal, assignment_id: UUID, content: bytes, *, replace: bool = False) -> MarksPlan:
    """Return what importing a file of marks would do. Nothing is written.

    Raises:
        NotFoundError, PermissionDenied: only who gives first marks in the course imports them.
        UnreadableFileError: the file holds no marks of this assignment.
    """
    person_id = require_importer(principal)
    with acting_in(principal.organisation_id):
        assignment = assignment_for(principal, assignment_id, *FIRST_MARKERS)
        return plan_marks(assignment, read_table(content), person_id=person_id, replace=replace)


def import_marks(
    principal: Principal,
    assignment_id: UUID,
    content: bytes,
    *,
    preview_digest: str,
    client_id: UUID,
    replace: bool = False,
    step: Step = unseen,
) -> MarksImport:
    """Give exactly the marks of the preview, each by the person who imports. Rows with problems are left out.

    A program brings in marks that people gave elsewhere; they name no marker. A repeated ``client_id`` gives back the
    import that it made.

    Raises:
        PreviewChangedError: it would do anything else than the preview showed.
        NothingToDoError: no mark would be given.
        NotFoundError, PermissionDenied, UnreadableFileError: as ``preview_marks``.
    """
    person_id = require_importer(principal)
    with acting_in(principal.organisation_id):
        assignment = assignment_for(principal, assignment_id, *FIRST_MARKERS)
        imports = MarksImport.objects.for_organisation(principal.organisation_id)
        if (made := imports.filter(client_id=client_id, assignment=assignment).first()) is not None:
            return made
        plan = plan_marks(assignment, read_table(content), person_id=person_id, replace=replace, lock=True)
        if plan.digest != preview_digest:
            raise PreviewChangedError
        if not plan.given:
            raise NothingToDoError
        act = MarksImport.objects.create(
            organisation_id=principal.organisation_id,
            assignment=assignment,
            person_id=person_id,
            program=program_id(principal),
            count=len(plan.given),
            client_id=client_id,
        )
        _give(principal, act, plan, step)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.marks_imported",
            object=Ref("assignment", assignment.pk),
            digests={
                "import": str(act.pk),
                "file": hashlib.sha256(content).hexdigest(),
                "count": act.count,
                "replaced": plan.count("replaces"),
                "kept": plan.count("kept"),
                "left_out": sum(not one.note for one in plan.problems),
            },
        )
        return act


def undo_import(principal: Principal, import_id: UUID, *, step: Step = unseen) -> Undone:
    """Take back every mark of an import that still stands; what a person has changed since stays.

    Raises:
        NotFoundError, PermissionDenied: imports are undone by who did them, or by a teacher.
        NothingToDoError: it was undone already.
    """
    with acting_in(principal.organisation_id):
        act = (
            MarksImport.objects.for_organisation(principal.organisation_id)
            .select_for_update(of=("self",))
            .select_related("assignment")
            .filter(pk=import_id, assignment__course__in=courses_of(principal))
            .first()
        )
        if act is None:
            raise NotFoundError
        return take_back(
            principal,
            act,
            require_importer(principal),
            Mark.objects.for_organisation(principal.organisation_id).filter(marks_import=act),
            course_id=act.assignment.course_id,
            action="tutor.marks_import_undone",
            marked=Ref("assignment", act.assignment_id),
            name="import",
            step=step,
        )


def _give(principal: Principal, act: MarksImport, plan: MarksPlan, step: Step) -> None:
    questions = {one.answer.question_id: one.answer.question for one in plan.given}
    ids = [one.answer.pk for one in plan.given]
    proposals = proposals_of(questions.values(), ids)
    marks = [
        new_mark(
            principal,
            planned.answer,
            kind=Mark.Kind.FIRST,
            origin=Mark.Origin.IMPORTED,
            value=Value({}, planned.points),
            replaces=planned.before,
            proposal=proposals.get(planned.answer.pk),
            feedback=planned.feedback,
            marks_import=act,
        )
        for planned in plan.given
    ]
    store_marks(principal, marks, digests={"import": str(act.pk)}, step=step)
    FeedbackDraft.objects.for_organisation(principal.organisation_id).filter(answer__in=ids).delete()
    for question in questions.values():
        learn_from_marks(principal, question)
