"""The tasks of all parts of the tutor, where Celery looks for them."""

from __future__ import annotations

from tutor.bulk.tasks import bulk_act
from tutor.learning.tasks import compute_learning, take_up_learning
from tutor.lti.tasks import lti_members, lti_scores
from tutor.marking.tasks import marking_job, propose, take_up
from tutor.rosters.tasks import roster_import
from tutor.work.tasks import close_due_work

__all__ = [
    "bulk_act",
    "close_due_work",
    "compute_learning",
    "lti_members",
    "lti_scores",
    "marking_job",
    "propose",
    "roster_import",
    "take_up",
    "take_up_learning",
]
