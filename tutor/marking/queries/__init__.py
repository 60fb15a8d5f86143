"""Reads of marking. What shows a learner's words to somebody is recorded where it is read."""

from __future__ import annotations

from tutor.marking.queries.answers import answer_view
from tutor.marking.queries.groups import group_members, grouping_job, groups
from tutor.marking.queries.queues import question_queue
from tutor.marking.queries.regrades import regrade, regrades
from tutor.marking.queries.releases import release_state
from tutor.marking.queries.runs import run_difference, runs

__all__ = [
    "answer_view",
    "group_members",
    "grouping_job",
    "groups",
    "question_queue",
    "regrade",
    "regrades",
    "release_state",
    "run_difference",
    "runs",
]
