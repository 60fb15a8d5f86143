"""Writes of marking. Each is one transaction with its permission and its audit entry.

Marks can only be given by people: keys and the system are refused with ``PermissionDenied``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from llmasos.accounts.principals import Principal
from tutor.marking.types import (
    CommentView,
    GroupPreview,
    LockState,
    MarkKind,
    Undone,
)
from tutor.models import Annotation, AnswerGroup, Comment, GroupAct, Mark, MarkingJob, ProposalRun, RegradeRequest


def request_proposals(principal: Principal, question_id: UUID, *, reason: str = "asked") -> ProposalRun: ...
def apply_run(principal: Principal, run_id: UUID) -> ProposalRun: ...


def give_mark(
    principal: Principal,
    answer_id: UUID,
    *,
    expected_digest: str,
    expected_mark_id: UUID | None,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    feedback_drafted: bool = False,
    override_reason: str = "",
    client_id: UUID | None = None,
    kind: MarkKind = "first",
    imported: bool = False,
) -> Mark: ...
def withdraw_mark(principal: Principal, mark_id: UUID) -> Mark: ...
def moderate(
    principal: Principal,
    answer_id: UUID,
    *,
    expected_digest: str,
    expected_mark_id: UUID | None,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    client_id: UUID | None = None,
) -> Mark: ...


def take_lock(principal: Principal, answer_id: UUID) -> LockState: ...
def release_lock(principal: Principal, answer_id: UUID) -> None: ...


def make_groups(principal: Principal, question_id: UUID) -> MarkingJob: ...
def split_group(principal: Principal, group_id: UUID, *, answer_ids: Sequence[UUID], name: str = "") -> AnswerGroup: ...
def merge_groups(principal: Principal, group_id: UUID, *, others: Sequence[UUID]) -> AnswerGroup: ...
def name_group(principal: Principal, group_id: UUID, *, name: str) -> AnswerGroup: ...
def move_members(principal: Principal, *, answer_ids: Sequence[UUID], to: UUID) -> AnswerGroup: ...
def preview_group(
    principal: Principal,
    group_id: UUID,
    *,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
) -> GroupPreview: ...
def apply_group(
    principal: Principal,
    group_id: UUID,
    *,
    preview_digest: str,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    override_reason: str = "",
    client_id: UUID | None = None,
) -> GroupAct: ...
def preview_confirm(principal: Principal, question_id: UUID, *, threshold: float) -> GroupPreview: ...
def confirm_proposals(
    principal: Principal,
    question_id: UUID,
    *,
    threshold: float,
    preview_digest: str,
    client_id: UUID | None = None,
) -> GroupAct: ...
def undo_group_act(principal: Principal, act_id: UUID) -> Undone: ...


def release(principal: Principal, submission_ids: Sequence[UUID]) -> UUID: ...
def withdraw_release(
    principal: Principal,
    *,
    batch: UUID | None = None,
    submission_ids: Sequence[UUID] = (),
) -> int: ...


def open_regrade(principal: Principal, answer_id: UUID, *, text: str) -> RegradeRequest: ...
def reply_regrade(principal: Principal, request_id: UUID, *, text: str) -> RegradeRequest: ...
def resolve_regrade(
    principal: Principal,
    request_id: UUID,
    *,
    outcome: str,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    text: str = "",
    lower_confirmed: bool = False,
) -> RegradeRequest: ...
def take_back_regrade(principal: Principal, request_id: UUID) -> RegradeRequest: ...
def assign_regrade(principal: Principal, request_id: UUID, *, person_id: UUID) -> RegradeRequest: ...


def add_comment(
    principal: Principal,
    course_id: UUID,
    *,
    text: str,
    question_id: UUID | None = None,
    criterion: str = "",
) -> Comment: ...
def use_comment(principal: Principal, comment_id: UUID) -> CommentView: ...
def remove_comment(principal: Principal, comment_id: UUID) -> None: ...
def annotate(
    principal: Principal,
    answer_id: UUID,
    *,
    start: int,
    end: int,
    text: str,
    expected_digest: str,
) -> Annotation: ...
def remove_annotation(principal: Principal, annotation_id: UUID) -> None: ...
def reveal(principal: Principal, submission_id: UUID, *, reason: str) -> str: ...
def draft_feedback(principal: Principal, answer_id: UUID) -> str: ...
def draft_for_class(principal: Principal, question_id: UUID) -> MarkingJob: ...
