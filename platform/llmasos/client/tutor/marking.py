"""Handed-in work, runs with their proposals, groups, marks, and what learners are shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from llmasos.client.errors import WorkFailedError, WorkUnfinishedError
from llmasos.client.operations import (
    AsyncResource,
    Listing,
    Operation,
    Resource,
    asks,
    async_pages,
    awaiting,
    blocking,
    pages,
)
from llmasos.client.transport import Call, without_none
from llmasos.client.tutor.teaching import BASE
from llmasos.client.tutor.types import (
    Answer,
    ChangedGroup,
    Difference,
    Group,
    Grouping,
    GroupMember,
    Imports,
    Mark,
    Regrade,
    Result,
    Run,
    RunProposal,
    Submission,
    SubmissionState,
)

PAUSE_SECONDS = 1.0
WAIT_SECONDS = 600.0
Progress = Callable[[Run], None]


def _submissions(assignment_id: str) -> Listing[Submission]:
    """List the attempts that count, under pseudonyms, in the order in which everybody marks."""
    return Listing(Call("GET", f"{BASE}/assignments/{assignment_id}/submissions"), Submission)


def _import_work(assignment_id: str, submissions: Iterable[Mapping[str, Any]]) -> Operation[Imports]:
    """Hand in answers that learners gave elsewhere, 200 attempts at most: all of them, or none.

    Each names its learner by `learner` (an id) or `identifier` (number or address) and has `answers`, each with
    `question` and `text` or `choices`, and if wanted `submitted_at`. The same answers again make no second attempt.
    """
    body = {"submissions": [_plain(one) for one in submissions]}
    return asks(Call("POST", f"{BASE}/assignments/{assignment_id}/submissions", body), Imports)


def _submission(submission_id: str) -> Operation[Submission]:
    """Return an attempt under its pseudonym. Raises NotFoundError."""
    return asks(Call("GET", f"{BASE}/submissions/{submission_id}"), Submission)


def _answer(answer_id: str) -> Operation[Answer]:
    """Return an answer under its pseudonym; the read is recorded on the server."""
    return asks(Call("GET", f"{BASE}/answers/{answer_id}"), Answer)


def _answers(question_id: str) -> Listing[Answer]:
    """List the answers to a question that count, under pseudonyms; each page read is recorded on the server."""
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/answers"), Answer)


def _runs(question_id: str) -> Listing[Run]:
    """List the runs of a question, the latest first."""
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/runs"), Run)


def _run(run_id: str) -> Operation[Run]:
    """Return how far a run is."""
    return asks(Call("GET", f"{BASE}/runs/{run_id}"), Run)


def _ask(question_id: str) -> Operation[Run]:
    """Ask for proposals for all answers to a question. Raises ConflictError without a reference or a criterion."""
    return asks(Call("POST", f"{BASE}/questions/{question_id}/runs", {}), Run)


def _difference(run_id: str) -> Operation[Difference]:
    """Return what applying a run would change against the one that markers see."""
    return asks(Call("GET", f"{BASE}/runs/{run_id}/difference"), Difference)


def _apply(run_id: str) -> Operation[Run]:
    """Show a run's proposals to markers from now on; marks stay. Raises ConflictError while it is not done."""
    return asks(Call("POST", f"{BASE}/runs/{run_id}/apply", {}), Run)


def _proposals(
    run_id: str, *, decision: str | None = None, confidence_from: float | None = None
) -> Listing[RunProposal]:
    """List what a run proposes; `decision` is "proposed" or "none", `confidence_from` a chance from 0 to 1."""
    named = without_none({"decision": decision, "confidence_from": confidence_from})
    return Listing(Call("GET", f"{BASE}/runs/{run_id}/proposals", params=named), RunProposal)


def _groups(question_id: str) -> Listing[Group]:
    """List groups of alike answers, those with most to mark first."""
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/groups"), Group)


def _members(group_id: str) -> Listing[GroupMember]:
    """List the answers in a group, the odd ones out first."""
    return Listing(Call("GET", f"{BASE}/groups/{group_id}/members"), GroupMember)


def _grouping(question_id: str) -> Operation[Grouping]:
    """Return how far the latest grouping of a question's answers is. Raises NotFoundError where there was none."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/grouping"), Grouping)


def _ask_for_groups(question_id: str) -> Operation[Grouping]:
    """Ask for a question's answers to be grouped; groups that people changed stay as they are."""
    return asks(Call("POST", f"{BASE}/questions/{question_id}/grouping", {}), Grouping)


def _name_group(group_id: str, name: str) -> Operation[ChangedGroup]:
    """Name a group; an empty name takes it away."""
    return asks(Call("PATCH", f"{BASE}/groups/{group_id}", {"name": name}), ChangedGroup)


def _split(group_id: str, answers: Iterable[str], *, name: str = "") -> Operation[ChangedGroup]:
    """Take answers out of a group into a new one, and return that. Raises ConflictError for all or none of them."""
    return asks(Call("POST", f"{BASE}/groups/{group_id}/split", {"answers": list(answers), "name": name}), ChangedGroup)


def _merge(group_id: str, others: Iterable[str]) -> Operation[ChangedGroup]:
    """Put all members of other groups of the question into this one."""
    return asks(Call("POST", f"{BASE}/groups/{group_id}/merge", {"groups": list(others)}), ChangedGroup)


def _marks(question_id: str, *, kind: str | None = None, stands: bool | None = None) -> Listing[Mark]:
    """List marks that people gave, the latest first; `kind` is "first", "second" or "final"."""
    named = without_none({"kind": kind, "stands": None if stands is None else str(stands).lower()})
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/marks", params=named), Mark)


def _releases(assignment_id: str) -> Listing[SubmissionState]:
    """List what of an assignment is released, and what could be, under pseudonyms."""
    return Listing(Call("GET", f"{BASE}/assignments/{assignment_id}/releases"), SubmissionState)


def _regrades(*, state: str = "open") -> Listing[Regrade]:
    """List learners' requests to have a mark looked at again, the oldest first; `state` is "open" or "all"."""
    return Listing(Call("GET", f"{BASE}/regrades", params={"state": state}), Regrade)


def _regrade(regrade_id: str) -> Operation[Regrade]:
    """Return a request with its thread; the read is recorded on the server."""
    return asks(Call("GET", f"{BASE}/regrades/{regrade_id}"), Regrade)


def _of_learner(course_id: str, learner_id: str) -> Listing[Result]:
    """List what is released to a learner in a course, the latest first; each read is recorded on the server."""
    return Listing(Call("GET", f"{BASE}/courses/{course_id}/learners/{learner_id}/results"), Result)


def _proof(answer_id: str) -> Operation[bytes]:
    """Return the proof of an answer's marks as a ZIP file. Raises ConflictError where there is none to hand out."""
    return Operation(Call("GET", f"{BASE}/answers/{answer_id}/proof"), lambda response: response.content)


def _gradebook(assignment_id: str, *, layout: str = "common", decimal_comma: bool = False) -> Operation[str]:
    """Return the released points of everybody in the course as CSV; `layout` is "common", "canvas" or "moodle"."""
    named = {"layout": layout, "decimal_comma": str(decimal_comma).lower()}
    call = Call("GET", f"{BASE}/assignments/{assignment_id}/gradebook", params=named)
    return Operation(call, lambda response: response.content.decode("utf-8-sig"))


class Work(Resource):
    """What was handed in."""

    submissions = pages(_submissions)
    import_ = blocking(_import_work)
    answers = pages(_answers)
    answer = blocking(_answer)
    submission = blocking(_submission)


class Runs(Resource):
    """Runs of the engine, and what they propose."""

    list = pages(_runs)
    get = blocking(_run)
    ask = blocking(_ask)
    difference = blocking(_difference)
    apply = blocking(_apply)
    proposals = pages(_proposals)

    def wait(self, run: Run, *, on_progress: Progress | None = None, timeout: float = WAIT_SECONDS) -> Run:
        """Return the run when it is done; `on_progress` gets it each second, `timeout` counts seconds.

        Raises WorkFailedError where it failed, WorkUnfinishedError where it is not done in time.
        """
        give_up = time.monotonic() + timeout
        while not _is_done(run, on_progress, late=time.monotonic() > give_up):
            time.sleep(PAUSE_SECONDS)
            run = self.get(run.id)
        return run


class Groups(Resource):
    """Groups of alike answers."""

    list = pages(_groups)
    members = pages(_members)
    state = blocking(_grouping)
    ask = blocking(_ask_for_groups)
    name = blocking(_name_group)
    split = blocking(_split)
    merge = blocking(_merge)


class Results(Resource):
    """Marks of people, and what learners are shown of them."""

    marks = pages(_marks)
    releases = pages(_releases)
    regrades = pages(_regrades)
    regrade = blocking(_regrade)
    of_learner = pages(_of_learner)
    gradebook = blocking(_gradebook)
    proof = blocking(_proof)


class AsyncWork(AsyncResource):
    """`Work` for coroutines."""

    submissions = async_pages(_submissions)
    import_ = awaiting(_import_work)
    answers = async_pages(_answers)
    answer = awaiting(_answer)
    submission = awaiting(_submission)


class AsyncRuns(AsyncResource):
    """`Runs` for coroutines."""

    list = async_pages(_runs)
    get = awaiting(_run)
    ask = awaiting(_ask)
    difference = awaiting(_difference)
    apply = awaiting(_apply)
    proposals = async_pages(_proposals)

    async def wait(
        self,
        run: Run,
        *,
        on_progress: Progress | None = None,
        timeout: float = WAIT_SECONDS,  # noqa: ASYNC109 - the twin's signature
    ) -> Run:
        """`Runs.wait` for coroutines."""
        give_up = time.monotonic() + timeout
        while not _is_done(run, on_progress, late=time.monotonic() > give_up):
            await asyncio.sleep(PAUSE_SECONDS)
            run = await self.get(run.id)
        return run


class AsyncGroups(AsyncResource):
    """`Groups` for coroutines."""

    list = async_pages(_groups)
    members = async_pages(_members)
    state = awaiting(_grouping)
    ask = awaiting(_ask_for_groups)
    name = awaiting(_name_group)
    split = awaiting(_split)
    merge = awaiting(_merge)


class AsyncResults(AsyncResource):
    """`Results` for coroutines."""

    marks = async_pages(_marks)
    releases = async_pages(_releases)
    regrades = async_pages(_regrades)
    regrade = awaiting(_regrade)
    of_learner = async_pages(_of_learner)
    gradebook = awaiting(_gradebook)
    proof = awaiting(_proof)


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    moment = given.get("submitted_at")
    return {**given, **({"submitted_at": moment.isoformat()} if isinstance(moment, datetime) else {})}


def _is_done(run: Run, on_progress: Progress | None, *, late: bool) -> bool:
    if on_progress is not None:
        on_progress(run)
    if run.state == "failed":
        raise WorkFailedError(f"The run failed ({run.error_code}). Ask for another one.", code=run.error_code)
    if late and not run.finished:
        raise WorkUnfinishedError(f"{run.done} of {run.total} answers are done. It goes on; wait for it again.")
    return run.finished
