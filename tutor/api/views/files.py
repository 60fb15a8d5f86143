"""Files from other systems: looked at first, and taken over when that is asked for."""

from __future__ import annotations

from uuid import UUID, uuid4

from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.files import (
    FileSerializer,
    ImportMarksSerializer,
    ImportQuestionsSerializer,
    MarksFileSerializer,
    MarksImportSerializer,
    MarksPlanSerializer,
    QuestionFileSerializer,
    RosterImportSerializer,
    UndoneSerializer,
)
from tutor.api.serializers.questions import QuestionSerializer
from tutor.authoring.services import assignment_of, question_of
from tutor.interchange.marks import services as marks
from tutor.interchange.qti.packages import read_questions
from tutor.interchange.qti.services import import_questions
from tutor.rosters import imports

EXAMPLE = "bmFtZSxudW1iZXIKQWRhIExvdmVsYWNlLDE4MTUK"


class RosterImportsView(TutorView):
    @described("tutor_roster_imports", gives=RosterImportSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List uploads of roster files of the whole organisation, the latest first."""
        return self.paged(RosterImportSerializer, imports.uploads(self.principal(request)))

    @described(
        "tutor_roster_upload",
        takes=FileSerializer,
        gives=RosterImportSerializer,
        status=202,
        example={"file": EXAMPLE},
    )
    def post(self, request: Request) -> Response:
        """Upload a ZIP of OneRoster CSV files, or one of them, to be looked at.

        A job says what they would do; nothing is changed before they are applied.
        """
        made = imports.upload(self.principal(request), self.taken(FileSerializer)["file"])
        return self.shown(RosterImportSerializer, made, status=202)


class ClassListsView(TutorView):
    @described(
        "tutor_class_list_upload",
        takes=FileSerializer,
        gives=RosterImportSerializer,
        status=202,
        example={"file": EXAMPLE},
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        """Upload the class list of a course as CSV, to be looked at; it is shown and applied as roster files are."""
        made = imports.upload(self.principal(request), self.taken(FileSerializer)["file"], course_id=course_id)
        return self.shown(RosterImportSerializer, made, status=202)


class RosterImportView(TutorView):
    @described("tutor_roster_import", gives=RosterImportSerializer)
    def get(self, request: Request, import_id: UUID) -> Response:
        """Show how far an upload is, what it would do, or what it did."""
        return self.shown(RosterImportSerializer, imports.import_of(self.principal(request), import_id))

    @described("tutor_roster_discard", status=204)
    def delete(self, request: Request, import_id: UUID) -> Response:
        """Delete uploaded files that are not being applied."""
        imports.discard(self.principal(request), import_id)
        return Response(status=204)


class RosterImportApplyView(TutorView):
    @described("tutor_roster_apply", gives=RosterImportSerializer, status=202)
    def post(self, request: Request, import_id: UUID) -> Response:
        """Apply files that were looked at; once, however often it is asked."""
        principal = self.principal(request)
        imports.confirm(principal, import_id)
        return self.shown(RosterImportSerializer, imports.import_of(principal, import_id), status=202)


class QuestionFileView(TutorView):
    @described("tutor_question_file", takes=FileSerializer, gives=QuestionFileSerializer, example={"file": EXAMPLE})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Show what of a QTI file can be taken over. Nothing is written."""
        assignment_of(self.principal(request), assignment_id)
        return self.shown(QuestionFileSerializer, read_questions(self.taken(FileSerializer)["file"]))


class QuestionImportView(TutorView):
    @described(
        "tutor_question_import",
        takes=ImportQuestionsSerializer,
        gives=QuestionSerializer(many=True),
        status=201,
        example={"file": EXAMPLE, "chosen": [0, 2]},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Add questions of a QTI file at the end of an assignment."""
        principal, given = self.principal(request), self.taken(ImportQuestionsSerializer)
        assignment_of(principal, assignment_id)
        every = range(len(read_questions(given["file"]).questions))
        made = import_questions(principal, assignment_id, given["file"], chosen=given.get("chosen", every))
        rows = [question_of(principal, one.pk) for one in made]
        return self.shown(QuestionSerializer, rows, many=True, status=201)


class MarksPlanView(TutorView):
    @described("tutor_marks_plan", takes=MarksFileSerializer, gives=MarksPlanSerializer, example={"file": EXAMPLE})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Show what importing a CSV of marks would do. Nothing is written."""
        given = self.taken(MarksFileSerializer)
        plan = marks.preview_marks(self.principal(request), assignment_id, given["file"], replace=given["replace"])
        return self.shown(MarksPlanSerializer, plan)


class MarksImportsView(TutorView):
    @described("tutor_marks_imports", gives=MarksImportSerializer(many=True))
    def get(self, request: Request, assignment_id: UUID) -> Response:
        """List what was imported into an assignment, the latest first."""
        return self.paged(MarksImportSerializer, marks.imports_of(self.principal(request), assignment_id))

    @described(
        "tutor_marks_import",
        takes=ImportMarksSerializer,
        gives=MarksImportSerializer,
        status=201,
        example={"file": EXAMPLE, "digest": "0" * 64},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Import marks that people gave elsewhere, exactly as they were looked at.

        Needs a key with the scope "marks" as well. They are drafts until a person releases them.
        """
        given = self.taken(ImportMarksSerializer)
        made = marks.import_marks(
            self.principal(request),
            assignment_id,
            given["file"],
            preview_digest=given["digest"],
            client_id=uuid4(),
            replace=given["replace"],
        )
        return self.shown(MarksImportSerializer, made, status=201)


class MarksImportUndoView(TutorView):
    @described("tutor_marks_import_undo", gives=UndoneSerializer)
    def post(self, request: Request, import_id: UUID) -> Response:
        """Take back what a program imported; marks that were changed since stay."""
        return self.shown(UndoneSerializer, marks.undo_import(self.principal(request), import_id))
