"""The tutor over HTTP: courses, set work, proposals and results. The machine proposes, people decide."""

from __future__ import annotations

from llmasos.client.operations import Send, SendAsync
from llmasos.client.tutor.files import AsyncImports, AsyncRosters, Imports, Rosters
from llmasos.client.tutor.insights import AsyncInsights, Insights
from llmasos.client.tutor.loose import (
    AsyncLooseAnswers,
    Criterion,
    CriterionProposal,
    GradedAnswer,
    Level,
    LooseAnswers,
    Neighbour,
    Proposal,
)
from llmasos.client.tutor.marking import (
    AsyncGroups,
    AsyncResults,
    AsyncRuns,
    AsyncWork,
    Groups,
    Results,
    Runs,
    Work,
)
from llmasos.client.tutor.teaching import Assignments, AsyncAssignments, AsyncCourses, AsyncTerms, Courses, Terms

__all__ = [
    "AsyncTutor",
    "Criterion",
    "CriterionProposal",
    "GradedAnswer",
    "Level",
    "Neighbour",
    "Proposal",
    "Tutor",
]


class Tutor(LooseAnswers):
    """What `client.tutor` offers."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self.terms = Terms(send)
        self.courses = Courses(send)
        self.assignments = Assignments(send)
        self.work = Work(send)
        self.runs = Runs(send)
        self.groups = Groups(send)
        self.results = Results(send)
        self.insights = Insights(send)
        self.rosters = Rosters(send)
        self.imports = Imports(send)


class AsyncTutor(AsyncLooseAnswers):
    """What `client.tutor` offers to coroutines."""

    def __init__(self, send: SendAsync) -> None:
        super().__init__(send)
        self.terms = AsyncTerms(send)
        self.courses = AsyncCourses(send)
        self.assignments = AsyncAssignments(send)
        self.work = AsyncWork(send)
        self.runs = AsyncRuns(send)
        self.groups = AsyncGroups(send)
        self.results = AsyncResults(send)
        self.insights = AsyncInsights(send)
        self.rosters = AsyncRosters(send)
        self.imports = AsyncImports(send)
