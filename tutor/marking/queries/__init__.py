"""Reads of marking. Those that show learners' words record it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from llmasos.accounts.principals import Principal
from tutor.marking.types import (
    AnswerView,
    CommentView,
    Dial,
    GroupView,
    JobView,
    MarkKind,
    MemberView,
    Progress,
    QueueName,
    QueueState,
    RegradeView,
    ReleasedResults,
    ReleaseState,
    RunDifference,
    RunView,
    SeedState,
)
from tutor.models import Question, Submission


def question_queue(
    principal: Principal,
    question_id: UUID,
    *,
    queue: QueueName = "all",
    kind: MarkKind = "first",
    threshold: float | None = None,
) -> QueueState: ...
def answer_view(
    principal: Principal,
    answer_id: UUID,
    *,
    queue: QueueName = "all",
    kind: MarkKind = "first",
    threshold: float | None = None,
) -> AnswerView: ...
def progress(principal: Principal, question_id: UUID) -> Progress: ...
def dial(principal: Principal, question_id: UUID, *, target: float = 0.95) -> Dial: ...
def seeds(principal: Principal, question_id: UUID) -> SeedState: ...
def runs(principal: Principal, question_id: UUID) -> tuple[RunView, ...]: ...
def jobs(principal: Principal, question_id: UUID) -> tuple[JobView, ...]: ...
def run_difference(principal: Principal, run_a: UUID | None, run_b: UUID) -> RunDifference: ...
def groups(principal: Principal, question_id: UUID) -> tuple[GroupView, ...]: ...
def group_members(
    principal: Principal, group_id: UUID, *, offset: int = 0, limit: int = 50
) -> tuple[MemberView, ...]: ...
def moderation_queue(principal: Principal, question_id: UUID) -> tuple[UUID, ...]: ...
def release_state(principal: Principal, assignment_id: UUID) -> ReleaseState: ...
def released_results(principal: Principal, submission: Submission) -> ReleasedResults | None: ...
def regrades(
    principal: Principal, *, course_id: UUID | None = None, state: str = "open"
) -> tuple[RegradeView, ...]: ...
def regrade(principal: Principal, request_id: UUID) -> RegradeView: ...
def suggested_comments(principal: Principal, question_id: UUID, *, criterion: str = "") -> tuple[CommentView, ...]: ...
