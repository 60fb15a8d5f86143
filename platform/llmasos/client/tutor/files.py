"""Files from other systems: rosters, class lists, questions and marks; looked at first, then taken over."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from llmasos.client.decoding import decoded
from llmasos.client.errors import UnexpectedReplyError, WorkFailedError, WorkUnfinishedError
from llmasos.client.operations import (
    AsyncResource,
    Listing,
    Operation,
    Resource,
    asks,
    async_pages,
    awaiting,
    blocking,
    does,
    pages,
)
from llmasos.client.transport import Call, without_none
from llmasos.client.tutor.teaching import BASE
from llmasos.client.tutor.types import Question

PAUSE_SECONDS = 1.0
WAIT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a file, by its line; a `note` does not keep its row out."""

    file: str
    line: int
    column: str
    advice: str
    note: bool


@dataclass(frozen=True, slots=True)
class RosterImport:
    """An upload of roster files, or of the class list of a `course`.

    `step` is "check" or "apply", `state` "queued", "running", "done" or "failed". `counts` say what would be done or
    was; `problems` are the first of `problem_count`; `failure` says why the files could not be read.
    """

    id: str
    course: str | None
    step: str
    state: str
    finished: bool
    done: int
    total: int
    counts: Mapping[str, int]
    problems: tuple[Fault, ...]
    problem_count: int
    error_code: str
    failure: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReadOption:
    """An option of a question of a file."""

    id: str
    text: str
    correct: bool


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question of a file; `notes` say what of it is left out."""

    title: str
    kind: str
    prompt: str
    points: Decimal
    options: tuple[ReadOption, ...]
    references: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """An item that is not taken over, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The questions of a file in their order, and every item that is left out."""

    questions: tuple[ReadQuestion, ...]
    skipped: tuple[SkippedItem, ...]


@dataclass(frozen=True, slots=True)
class PlannedMark:
    """What a row would do: "new" and "replaces" are given, "same" and "kept" change nothing."""

    line: int
    question: int
    answer: str
    points: Decimal
    effect: str


@dataclass(frozen=True, slots=True)
class MarksPlan:
    """What importing a file of marks would do; `digest` goes back with the import, `empty` counts empty places."""

    digest: str
    marks: tuple[PlannedMark, ...]
    problems: tuple[Fault, ...]
    empty: int


@dataclass(frozen=True, slots=True)
class MarksImport:
    """Marks that came from one file, brought in by a `person` or a `program` (ids)."""

    id: str
    person: str | None
    program: str | None
    count: int
    created_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undone:
    """How many marks were taken back, and how many stay because somebody has changed them since."""

    withdrawn: int
    kept: int


Progress = Callable[[RosterImport], None]


def _uploads() -> Listing[RosterImport]:
    """List uploads of roster files of the whole organisation, the latest first."""
    return Listing(Call("GET", f"{BASE}/roster-imports"), RosterImport)


def _upload(content: bytes) -> Operation[RosterImport]:
    """Upload a ZIP of OneRoster CSV files, or one of them, 11 MB at most; it is looked at and changes nothing."""
    return asks(Call("POST", f"{BASE}/roster-imports", _file(content)), RosterImport)


def _upload_class_list(course_id: str, content: bytes) -> Operation[RosterImport]:
    """Upload the class list of a course as CSV; it is looked at and changes nothing."""
    return asks(Call("POST", f"{BASE}/courses/{course_id}/class-lists", _file(content)), RosterImport)


def _upload_state(import_id: str) -> Operation[RosterImport]:
    """Return how far an upload is, what it would do, or what it did."""
    return asks(Call("GET", f"{BASE}/roster-imports/{import_id}"), RosterImport)


def _apply(import_id: str) -> Operation[RosterImport]:
    """Apply files that were looked at; once, however often it is asked."""
    return asks(Call("POST", f"{BASE}/roster-imports/{import_id}/apply", {}), RosterImport)


def _discard(import_id: str) -> Operation[None]:
    """Delete uploaded files that are not being applied."""
    return does(Call("DELETE", f"{BASE}/roster-imports/{import_id}"))


def _read_questions(assignment_id: str, content: bytes) -> Operation[QuestionFile]:
    """Return what of a QTI file can be taken over. Raises InvalidRequestError where it cannot be read."""
    return asks(Call("POST", f"{BASE}/assignments/{assignment_id}/question-files", _file(content)), QuestionFile)


def _import_questions(
    assignment_id: str, content: bytes, *, chosen: Iterable[int] | None = None
) -> Operation[tuple[Question, ...]]:
    """Add questions of a QTI file at the end of an assignment: those at the `chosen` places from 0, or all."""
    body = _file(content, chosen=None if chosen is None else list(chosen))
    return Operation(Call("POST", f"{BASE}/assignments/{assignment_id}/question-files/import", body), _questions)


def _plan_marks(assignment_id: str, content: bytes, *, replace: bool = False) -> Operation[MarksPlan]:
    """Return what importing a CSV of marks would do. Needs a key with the scope "marks" as well."""
    call = Call("POST", f"{BASE}/assignments/{assignment_id}/marks-imports/plan", _file(content, replace=replace))
    return asks(call, MarksPlan)


def _import_marks(assignment_id: str, content: bytes, *, digest: str, replace: bool = False) -> Operation[MarksImport]:
    """Import marks that people gave elsewhere, as the plan with this `digest` showed them; a person releases them.

    Raises ConflictError where it would do anything else, or nothing.
    """
    body = _file(content, digest=digest, replace=replace)
    return asks(Call("POST", f"{BASE}/assignments/{assignment_id}/marks-imports", body), MarksImport)


def _marks_imports(assignment_id: str) -> Listing[MarksImport]:
    """List what was imported into an assignment, the latest first."""
    return Listing(Call("GET", f"{BASE}/assignments/{assignment_id}/marks-imports"), MarksImport)


def _undo_marks(import_id: str) -> Operation[Undone]:
    """Take back what a program imported; marks that were changed since stay."""
    return asks(Call("POST", f"{BASE}/marks-imports/{import_id}/undo", {}), Undone)


class Rosters(Resource):
    """Roster files of the school, and class lists."""

    list = pages(_uploads)
    upload = blocking(_upload)
    upload_class_list = blocking(_upload_class_list)
    get = blocking(_upload_state)
    apply = blocking(_apply)
    discard = blocking(_discard)

    def wait(
        self, upload: RosterImport, *, on_progress: Progress | None = None, timeout: float = WAIT_SECONDS
    ) -> RosterImport:
        """Return the upload when its step is done; `on_progress` gets it each second, `timeout` counts seconds.

        Raises WorkFailedError where it failed, WorkUnfinishedError where it is not done in time.
        """
        give_up = time.monotonic() + timeout
        while not _is_done(upload, on_progress, late=time.monotonic() > give_up):
            time.sleep(PAUSE_SECONDS)
            upload = self.get(upload.id)
        return upload


class Imports(Resource):
    """Questions and marks from files."""

    read_questions = blocking(_read_questions)
    questions = blocking(_import_questions)
    plan_marks = blocking(_plan_marks)
    marks = blocking(_import_marks)
    marks_imports = pages(_marks_imports)
    undo_marks = blocking(_undo_marks)


class AsyncRosters(AsyncResource):
    """`Rosters` for coroutines."""

    list = async_pages(_uploads)
    upload = awaiting(_upload)
    upload_class_list = awaiting(_upload_class_list)
    get = awaiting(_upload_state)
    apply = awaiting(_apply)
    discard = awaiting(_discard)

    async def wait(
        self,
        upload: RosterImport,
        *,
        on_progress: Progress | None = None,
        timeout: float = WAIT_SECONDS,  # noqa: ASYNC109 - the twin's signature
    ) -> RosterImport:
        """`Rosters.wait` for coroutines."""
        give_up = time.monotonic() + timeout
        while not _is_done(upload, on_progress, late=time.monotonic() > give_up):
            await asyncio.sleep(PAUSE_SECONDS)
            upload = await self.get(upload.id)
        return upload


class AsyncImports(AsyncResource):
    """`Imports` for coroutines."""

    read_questions = awaiting(_read_questions)
    questions = awaiting(_import_questions)
    plan_marks = awaiting(_plan_marks)
    marks = awaiting(_import_marks)
    marks_imports = async_pages(_marks_imports)
    undo_marks = awaiting(_undo_marks)


def _file(content: bytes, **fields: Any) -> dict[str, Any]:
    return {"file": base64.b64encode(content).decode(), **without_none(fields)}


def _questions(response: httpx.Response) -> tuple[Question, ...]:
    rows = response.json()
    if not isinstance(rows, list):
        raise UnexpectedReplyError("The server's answer is no list of questions.")
    return tuple(decoded(Question, row) for row in rows)


def _is_done(upload: RosterImport, on_progress: Progress | None, *, late: bool) -> bool:
    if on_progress is not None:
        on_progress(upload)
    if upload.state == "failed":
        said = upload.failure or f"The work failed ({upload.error_code}). Upload the files again."
        raise WorkFailedError(said, code=upload.error_code)
    if late and not upload.finished:
        raise WorkUnfinishedError(f"{upload.done} of {upload.total} parts are done. It goes on; wait for it again.")
    return upload.finished
