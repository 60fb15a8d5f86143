"""Terms, courses, class lists and set work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

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
from llmasos.client.tutor.types import (
    Assignment,
    Course,
    Enrolled,
    Extension,
    Learner,
    Question,
    Rubric,
    StaffMember,
    Term,
)

BASE = "/api/tutor"


def _terms() -> Listing[Term]:
    """List the terms, the latest first."""
    return Listing(Call("GET", f"{BASE}/terms"), Term)


def _add_term(*, name: str, starts_on: date, ends_on: date) -> Operation[Term]:
    """Make a term. Raises ConflictError where another has the name, or the days are the wrong way round."""
    body = {"name": name, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    return asks(Call("POST", f"{BASE}/terms", body), Term)


def _change_term(
    term_id: str, *, name: str | None = None, starts_on: date | None = None, ends_on: date | None = None
) -> Operation[Term]:
    """Change a term; what is left out stays. Raises as `add`, and NotFoundError."""
    days = {"starts_on": starts_on and starts_on.isoformat(), "ends_on": ends_on and ends_on.isoformat()}
    return asks(Call("PATCH", f"{BASE}/terms/{term_id}", without_none({"name": name, **days})), Term)


def _delete_term(term_id: str) -> Operation[None]:
    """Delete a term. Raises ConflictError where something is taught in it."""
    return does(Call("DELETE", f"{BASE}/terms/{term_id}"))


def _courses(
    *, term: str | None = None, external_id: str | None = None, archived: bool | None = None
) -> Listing[Course]:
    """List the organisation's courses: of a term, of an id of the school's own, in the archive or not."""
    named = {"term": term, "external_id": external_id, "archived": None if archived is None else str(archived).lower()}
    return Listing(Call("GET", f"{BASE}/courses", params=without_none(named)), Course)


def _course(course_id: str) -> Operation[Course]:
    """Return a course. Raises NotFoundError."""
    return asks(Call("GET", f"{BASE}/courses/{course_id}"), Course)


def _add_course(
    *, name: str, code: str = "", external_id: str = "", language: str = "en", term: str | None = None
) -> Operation[Course]:
    """Make a course. It has no staff until `set_staff` gives it a teacher."""
    body = {"name": name, "code": code, "external_id": external_id, "language": language, "term": term}
    return asks(Call("POST", f"{BASE}/courses", body), Course)


def _change_course(course_id: str, **changes: Any) -> Operation[Course]:
    """Change fields of a course, named as in the API; `archived=True` puts it into the archive."""
    return asks(Call("PATCH", f"{BASE}/courses/{course_id}", changes), Course)


def _staff(course_id: str) -> Listing[StaffMember]:
    """List who teaches and marks in a course."""
    return Listing(Call("GET", f"{BASE}/courses/{course_id}/staff"), StaffMember)


def _set_staff(course_id: str, *, email: str, role: str = "teacher") -> Operation[StaffMember]:
    """Give somebody a part in a course. Raises ConflictError where nobody of that address teaches here."""
    return asks(Call("POST", f"{BASE}/courses/{course_id}/staff", {"email": email, "role": role}), StaffMember)


def _remove_staff(course_id: str, person_id: str) -> Operation[None]:
    """Take somebody's part in a course away. Raises ConflictError for the last teacher."""
    return does(Call("DELETE", f"{BASE}/courses/{course_id}/staff/{person_id}"))


def _learners(course_id: str, *, section: str | None = None) -> Listing[Learner]:
    """List the learners of a course with their names; each page read is recorded on the server."""
    return Listing(
        Call("GET", f"{BASE}/courses/{course_id}/learners", params=without_none({"section": section})), Learner
    )


def _enrol(course_id: str, learners: Iterable[Mapping[str, Any]]) -> Operation[Enrolled]:
    """Add learners, 2,000 at most, each with `name` and `number` or `email`, and `section` and `groups` if wanted."""
    return asks(Call("POST", f"{BASE}/courses/{course_id}/learners", {"learners": list(learners)}), Enrolled)


def _change_place(
    course_id: str, learner_id: str, *, section: str | None = None, groups: Sequence[str] | None = None
) -> Operation[None]:
    """Change a learner's section and groups in a course; what is left out stays."""
    body = without_none({"section": section, "groups": None if groups is None else list(groups)})
    return does(Call("PATCH", f"{BASE}/courses/{course_id}/learners/{learner_id}", body))


def _withdraw(course_id: str, learner_id: str) -> Operation[None]:
    """Take a learner out of a course; their work stays."""
    return does(Call("DELETE", f"{BASE}/courses/{course_id}/learners/{learner_id}"))


def _assignments(course_id: str, *, state: str | None = None) -> Listing[Assignment]:
    """List the assignments of a course, the latest first; `state` is "draft", "published" or "closed"."""
    return Listing(
        Call("GET", f"{BASE}/courses/{course_id}/assignments", params=without_none({"state": state})), Assignment
    )


def _assignment(assignment_id: str) -> Operation[Assignment]:
    """Return an assignment. Raises NotFoundError."""
    return asks(Call("GET", f"{BASE}/assignments/{assignment_id}"), Assignment)


def _add_assignment(
    course_id: str,
    *,
    title: str,
    instructions: str = "",
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    **fields: Any,
) -> Operation[Assignment]:
    """Set work, as a draft. More `fields` are named as in the API, such as `late_percent_per_day`."""
    times = {name: moment.isoformat() for name, moment in (("opens_at", opens_at), ("due_at", due_at)) if moment}
    body = {"title": title, "instructions": instructions, **times, **fields}
    return asks(Call("POST", f"{BASE}/courses/{course_id}/assignments", body), Assignment)


def _change_assignment(assignment_id: str, **changes: Any) -> Operation[Assignment]:
    """Change fields of an assignment, named as in the API."""
    return asks(Call("PATCH", f"{BASE}/assignments/{assignment_id}", changes), Assignment)


def _publish(assignment_id: str) -> Operation[Assignment]:
    """Show an assignment to learners. Raises ConflictError where it has no questions."""
    return _change_assignment(assignment_id, state="published")


def _close(assignment_id: str) -> Operation[Assignment]:
    """Take no more work."""
    return _change_assignment(assignment_id, state="closed")


def _copy(assignment_id: str) -> Operation[Assignment]:
    """Make a draft with the same questions and rubrics, and no dates."""
    return asks(Call("POST", f"{BASE}/assignments/{assignment_id}/copy", {}), Assignment)


def _delete_assignment(assignment_id: str) -> Operation[None]:
    """Delete a draft. Raises ConflictError where somebody has begun it."""
    return does(Call("DELETE", f"{BASE}/assignments/{assignment_id}"))


def _extensions(assignment_id: str) -> Listing[Extension]:
    """List the later deadlines of single learners; each page read is recorded on the server."""
    return Listing(Call("GET", f"{BASE}/assignments/{assignment_id}/extensions"), Extension)


def _remove_extension(assignment_id: str, learner_id: str) -> Operation[None]:
    """Give one learner the deadline of all again."""
    return does(Call("DELETE", f"{BASE}/assignments/{assignment_id}/extensions/{learner_id}"))


def _set_extension(assignment_id: str, learner_id: str, *, due_at: datetime, reason: str = "") -> Operation[None]:
    """Give one learner a later deadline. Raises ConflictError where it is not later than that of all."""
    body = {"due_at": due_at.isoformat(), "reason": reason}
    return does(Call("PUT", f"{BASE}/assignments/{assignment_id}/extensions/{learner_id}", body))


def _questions(assignment_id: str) -> Listing[Question]:
    """List the questions of an assignment, in the order in which they are asked."""
    return Listing(Call("GET", f"{BASE}/assignments/{assignment_id}/questions"), Question)


def _add_question(
    assignment_id: str,
    *,
    prompt: str,
    points: Decimal | int = 1,
    kind: str = "short",
    references: Sequence[str] = (),
    criteria: Sequence[Mapping[str, Any]] = (),
    skills: Sequence[str] = (),
    **fields: Any,
) -> Operation[Question]:
    """Add a question at the end. `kind` is "short", "essay", "numeric" or "choice".

    A criterion has `id`, `text` and, if it is not met or missed as a whole, `levels`. More `fields` are named as in the
    API, such as `numeric_value` and `options`.
    """
    body = {
        "prompt": prompt, "points": str(points), "kind": kind, "references": list(references),
        "criteria": [dict(one) for one in criteria], "skills": list(skills), **fields,
    }  # fmt: skip
    return asks(Call("POST", f"{BASE}/assignments/{assignment_id}/questions", body), Question)


def _change_question(question_id: str, **changes: Any) -> Operation[Question]:
    """Change fields of a question; other references or criteria are a new version of its rubric."""
    return asks(Call("PATCH", f"{BASE}/questions/{question_id}", changes), Question)


def _delete_question(question_id: str) -> Operation[None]:
    """Delete a question. Raises ConflictError where it has answers."""
    return does(Call("DELETE", f"{BASE}/questions/{question_id}"))


def _rubrics(question_id: str) -> Listing[Rubric]:
    """List the versions of a question's rubric, the latest first."""
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/rubrics"), Rubric)


class Terms(Resource):
    """Periods in which courses are taught."""

    list = pages(_terms)
    add = blocking(_add_term)
    change = blocking(_change_term)
    delete = blocking(_delete_term)


class Courses(Resource):
    """Courses with their staff and their learners."""

    list = pages(_courses)
    get = blocking(_course)
    add = blocking(_add_course)
    change = blocking(_change_course)
    staff = pages(_staff)
    set_staff = blocking(_set_staff)
    remove_staff = blocking(_remove_staff)
    learners = pages(_learners)
    enrol = blocking(_enrol)
    change_place = blocking(_change_place)
    withdraw = blocking(_withdraw)


class Assignments(Resource):
    """Set work with its questions."""

    list = pages(_assignments)
    get = blocking(_assignment)
    add = blocking(_add_assignment)
    change = blocking(_change_assignment)
    publish = blocking(_publish)
    close = blocking(_close)
    copy = blocking(_copy)
    delete = blocking(_delete_assignment)
    extensions = pages(_extensions)
    set_extension = blocking(_set_extension)
    remove_extension = blocking(_remove_extension)
    questions = pages(_questions)
    add_question = blocking(_add_question)
    change_question = blocking(_change_question)
    delete_question = blocking(_delete_question)
    rubrics = pages(_rubrics)


class AsyncTerms(AsyncResource):
    """`Terms` for coroutines."""

    list = async_pages(_terms)
    add = awaiting(_add_term)
    change = awaiting(_change_term)
    delete = awaiting(_delete_term)


class AsyncCourses(AsyncResource):
    """`Courses` for coroutines."""

    list = async_pages(_courses)
    get = awaiting(_course)
    add = awaiting(_add_course)
    change = awaiting(_change_course)
    staff = async_pages(_staff)
    set_staff = awaiting(_set_staff)
    remove_staff = awaiting(_remove_staff)
    learners = async_pages(_learners)
    enrol = awaiting(_enrol)
    change_place = awaiting(_change_place)
    withdraw = awaiting(_withdraw)


class AsyncAssignments(AsyncResource):
    """`Assignments` for coroutines."""

    list = async_pages(_assignments)
    get = awaiting(_assignment)
    add = awaiting(_add_assignment)
    change = awaiting(_change_assignment)
    publish = awaiting(_publish)
    close = awaiting(_close)
    copy = awaiting(_copy)
    delete = awaiting(_delete_assignment)
    extensions = async_pages(_extensions)
    set_extension = awaiting(_set_extension)
    remove_extension = awaiting(_remove_extension)
    questions = async_pages(_questions)
    add_question = awaiting(_add_question)
    change_question = awaiting(_change_question)
    delete_question = awaiting(_delete_question)
    rubrics = async_pages(_rubrics)
