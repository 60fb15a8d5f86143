"""Runs with their proposals, groups, and marks. The machine proposes; marks are decisions of people."""

from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, Window, described
from tutor.api.serializers.marking import (
    DifferenceSerializer,
    GiveMarkSerializer,
    GivenSerializer,
    GroupingSerializer,
    GroupMemberSerializer,
    GroupNameSerializer,
    GroupSerializer,
    HeldGroupSerializer,
    MarkSerializer,
    MergeSerializer,
    RunProposalSerializer,
    RunSerializer,
    SplitSerializer,
)
from tutor.marking import queries, services
from tutor.marking.errors import NotFoundError
from tutor.models import Mark, Proposal


class RunsView(TutorView):
    @described("tutor_runs", gives=RunSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List the runs of a question, the latest first."""
        return self.paged(RunSerializer, queries.runs(self.principal(request), question_id))

    @described("tutor_run_ask", gives=RunSerializer, status=202)
    def post(self, request: Request, question_id: UUID) -> Response:
        """Ask for proposals for all answers to a question; the run under way is given back instead."""
        principal = self.principal(request)
        made = services.request_proposals(principal, question_id)
        return self.shown(RunSerializer, queries.run(principal, made.pk), status=202)


class RunView(TutorView):
    @described("tutor_run", gives=RunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """Show how far a run is."""
        return self.shown(RunSerializer, queries.run(self.principal(request), run_id))


class RunDifferenceView(TutorView):
    @described("tutor_run_difference", gives=DifferenceSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """Show what applying a run would change against the one that is shown now."""
        return self.shown(DifferenceSerializer, queries.run_difference(self.principal(request), run_id))


class RunApplyView(TutorView):
    @described("tutor_run_apply", gives=RunSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Show a run's proposals to markers from now on. Marks stay as they are."""
        principal = self.principal(request)
        services.apply_run(principal, run_id)
        return self.shown(RunSerializer, queries.run(principal, run_id))


class ProposalFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """By decision, and by the least confidence."""

    decision = django_filters.ChoiceFilter(choices=Proposal.Decision.choices)
    confidence_from = django_filters.NumberFilter(field_name="confidence", lookup_expr="gte")


class ProposalsView(TutorView):
    queryset = Proposal.objects.none()
    filterset_class = ProposalFilter

    @described("tutor_proposals", gives=RunProposalSerializer(many=True))
    def get(self, request: Request, run_id: UUID) -> Response:
        """List what a run proposes for each answer, with evidence and confidence."""
        return self.paged(RunProposalSerializer, self.filter_queryset(self.get_queryset()))

    def get_queryset(self) -> QuerySet[Proposal]:
        return queries.proposals(self.principal(self.request), self.kwargs["run_id"])


class GroupsView(TutorView):
    @described("tutor_groups", gives=GroupSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List groups of alike answers, those with most to mark first. The read is recorded."""
        return self.paged(GroupSerializer, queries.groups(self.principal(request), question_id))


class GroupingView(TutorView):
    @described("tutor_grouping", gives=GroupingSerializer)
    def get(self, request: Request, question_id: UUID) -> Response:
        """Show how far the latest grouping of a question's answers is."""
        job = queries.grouping_job(self.principal(request), question_id)
        if job is None:
            raise NotFoundError
        return self.shown(GroupingSerializer, job)

    @described("tutor_grouping_ask", gives=GroupingSerializer, status=202)
    def post(self, request: Request, question_id: UUID) -> Response:
        """Ask for a question's answers to be grouped; groups that people changed stay as they are."""
        return self.shown(GroupingSerializer, services.make_groups(self.principal(request), question_id), status=202)


class GroupView(TutorView):
    @described("tutor_group_name", takes=GroupNameSerializer, gives=HeldGroupSerializer, example={"name": "Evaporates"})
    def patch(self, request: Request, group_id: UUID) -> Response:
        """Name a group; an empty name takes it away."""
        name = self.taken(GroupNameSerializer)["name"]
        return self.shown(HeldGroupSerializer, services.name_group(self.principal(request), group_id, name=name))


class GroupSplitView(TutorView):
    @described(
        "tutor_group_split",
        takes=SplitSerializer,
        gives=HeldGroupSerializer,
        status=201,
        example={"answers": ["5a1f7c1e-0f2b-4c7e-9a55-3f0f5f0d9a11"], "name": "Boils"},
    )
    def post(self, request: Request, group_id: UUID) -> Response:
        """Take answers out of a group into a new one. No mark changes."""
        given = self.taken(SplitSerializer)
        made = services.split_group(self.principal(request), group_id, answer_ids=given["answers"], name=given["name"])
        return self.shown(HeldGroupSerializer, made, status=201)


class GroupMergeView(TutorView):
    @described(
        "tutor_group_merge",
        takes=MergeSerializer,
        gives=HeldGroupSerializer,
        example={"groups": ["5a1f7c1e-0f2b-4c7e-9a55-3f0f5f0d9a11"]},
    )
    def post(self, request: Request, group_id: UUID) -> Response:
        """Put all members of other groups of the question into this one; the others are gone. No mark changes."""
        others = self.taken(MergeSerializer)["groups"]
        return self.shown(HeldGroupSerializer, services.merge_groups(self.principal(request), group_id, others=others))


class GroupMembersView(TutorView):
    @described("tutor_group_members", gives=GroupMemberSerializer(many=True))
    def get(self, request: Request, group_id: UUID) -> Response:
        """List the answers in a group, the odd ones out first. The read is recorded."""
        principal = self.principal(request)
        rows = Window(
            queries.group_size(principal, group_id),
            lambda start, size: queries.group_members(principal, group_id, start=start, size=size),
        )
        return self.paged(GroupMemberSerializer, rows)


class MarkFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """By kind, by origin, and whether they stand."""

    kind = django_filters.ChoiceFilter(choices=Mark.Kind.choices)
    origin = django_filters.ChoiceFilter(choices=Mark.Origin.choices)
    stands = django_filters.BooleanFilter(field_name="withdrawn_at", lookup_expr="isnull")


class MarksView(TutorView):
    queryset = Mark.objects.none()
    filterset_class = MarkFilter

    @described("tutor_marks", gives=MarkSerializer(many=True))
    def get(self, request: Request, question_id: UUID) -> Response:
        """List the marks that people gave to a question's answers, the latest first. The read is recorded."""
        reply = self.paged(MarkSerializer, self.filter_queryset(self.get_queryset()))
        shown = [one["answer"] for one in reply.data["results"]]
        queries.record_answers_read(self.principal(request), question_id, shown, purpose="marks")
        return reply

    def get_queryset(self) -> QuerySet[Mark]:
        return queries.marks(self.principal(self.request), self.kwargs["question_id"])


class AnswerMarksView(TutorView):
    @described(
        "tutor_mark_give",
        takes=GiveMarkSerializer,
        gives=GivenSerializer,
        status=201,
        example={"expected_digest": "0" * 64, "points": "1.50"},
    )
    def post(self, request: Request, answer_id: UUID) -> Response:
        """Mark an answer. Only people mark: an API key is a program and is refused."""
        given = self.taken(GiveMarkSerializer)
        expected = given.pop("expected_mark")
        made = services.give_mark(self.principal(request), answer_id, expected_mark_id=expected, **given)
        return self.shown(GivenSerializer, made, status=201)
