"""What the tutor keeps: courses and people, work, marking, learning."""

from __future__ import annotations

from tutor.models.courses import Course, CourseStaff, Enrolment, Guardian, Learner, Skill, Term
from tutor.models.marking import (
    Annotation,
    AnswerGroup,
    Comment,
    GroupAct,
    GroupMember,
    Mark,
    MarkingLock,
    Proposal,
    ProposalRun,
    RegradeMessage,
    RegradeRequest,
    Release,
)
from tutor.models.work import (
    Answer,
    AnswerFile,
    Assignment,
    Extension,
    Question,
    QuestionSkill,
    RubricVersion,
    Submission,
)

__all__ = [
    "Annotation",
    "Answer",
    "AnswerFile",
    "AnswerGroup",
    "Assignment",
    "Comment",
    "Course",
    "CourseStaff",
    "Enrolment",
    "Extension",
    "GroupAct",
    "GroupMember",
    "Guardian",
    "Learner",
    "Mark",
    "MarkingLock",
    "Proposal",
    "ProposalRun",
    "Question",
    "QuestionSkill",
    "RegradeMessage",
    "RegradeRequest",
    "Release",
    "RubricVersion",
    "Skill",
    "Submission",
    "Term",
]
