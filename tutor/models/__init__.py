"""What the tutor keeps: courses and people, work, marking, learning."""

from __future__ import annotations

from tutor.models.bulk import BulkAct
from tutor.models.chat import ChatTurn
from tutor.models.courses import Course, CourseStaff, Enrolment, Guardian, Learner, Skill, Term
from tutor.models.desk import ReviewDial
from tutor.models.exchange import MarksImport
from tutor.models.grading_model import GradingModel
from tutor.models.learning import Advice, CourseTracing, LearnerProgress, LearningSettings, SkillMastery
from tutor.models.lti import LtiAccount, LtiContext, LtiLearner, LtiLink, LtiPlatform, LtiScore
from tutor.models.marking import (
    Annotation,
    AnswerGroup,
    Comment,
    FeedbackDraft,
    GroupAct,
    GroupMember,
    Mark,
    MarkingJob,
    MarkingLock,
    Proposal,
    ProposalRun,
    RegradeMessage,
    RegradeRequest,
    Release,
)
from tutor.models.practice import Exercise, PracticeTry
from tutor.models.quality import RobustnessCheck, SimilarPair
from tutor.models.rosters import RosterImport
from tutor.models.work import (
    Answer,
    AnswerFile,
    Asked,
    Assignment,
    Extension,
    Question,
    QuestionSkill,
    Reveal,
    RubricVersion,
    Submission,
)

__all__ = [
    "Advice",
    "Annotation",
    "Answer",
    "AnswerFile",
    "AnswerGroup",
    "Asked",
    "Assignment",
    "BulkAct",
    "ChatTurn",
    "Comment",
    "Course",
    "CourseStaff",
    "CourseTracing",
    "Enrolment",
    "Exercise",
    "Extension",
    "FeedbackDraft",
    "GradingModel",
    "GroupAct",
    "GroupMember",
    "Guardian",
    "Learner",
    "LearnerProgress",
    "LearningSettings",
    "LtiAccount",
    "LtiContext",
    "LtiLearner",
    "LtiLink",
    "LtiPlatform",
    "LtiScore",
    "Mark",
    "MarkingJob",
    "MarkingLock",
    "MarksImport",
    "PracticeTry",
    "Proposal",
    "ProposalRun",
    "Question",
    "QuestionSkill",
    "RegradeMessage",
    "RegradeRequest",
    "Release",
    "Reveal",
    "ReviewDial",
    "RobustnessCheck",
    "RosterImport",
    "RubricVersion",
    "SimilarPair",
    "Skill",
    "SkillMastery",
    "Submission",
    "Term",
]
