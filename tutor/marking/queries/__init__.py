"""Reads of marking. What shows a learner's words to somebody is recorded where it is read."""

from __future__ import annotations

from tutor.marking.queries.answers import answer_view
from tutor.marking.queries.groups import group_members, group_size, grouping_job, groups
from tutor.marking.queries.lists import (
    answer,
    answers,
    marks,
    proposals,
    record_answers_read,
    run,
    submission,
    submissions,
)
from tutor.marking.queries.queues import question_queue
from tutor.marking.queries.regrades import regrade, regrades
from tutor.marking.queries.releases import release_state
from tutor.marking.queries.runs import run_difference, runs

__all__ = [
    "answer",
    "answer_view",
    "answers",
    "group_members",
    "group_size",
    "grouping_job",
    "groups",
    "marks",
    "proposals",
    "question_queue",
    "record_answers_read",
    "regrade",
    "regrades",
    "release_state",
    "run",
    "run_difference",
    "runs",
    "submission",
    "submissions",
]
