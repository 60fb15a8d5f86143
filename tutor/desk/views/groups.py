"""Groups of alike answers: look, name, split, merge, and give one mark to all that have none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.bulk.acts import LONG, ask, open_acts
from tutor.desk import queries as desk_queries
from tutor.desk import wording
from tutor.desk.entered import LONGEST_FEEDBACK, read_levels, uuid_or_none
from tutor.desk.views.refusals import say_and_go
from tutor.dial.border import border_of
from tutor.marking import bulk, queries, services
from tutor.marking.access import FIRST_MARKERS, question_for, standing_for
from tutor.marking.errors import MarkingError, NotFoundError
from tutor.marking.group_types import GroupPreview, GroupView
from tutor.marking.shown import applied_run
from tutor.models import AnswerGroup, BulkAct, GroupAct, Mark, Question
from tutor.permissions import READERS
from tutor.refusals import known_only

PAGE = 20
BULK = (BulkAct.Kind.GROUP_MARKS, BulkAct.Kind.CONFIRMING, BulkAct.Kind.GROUP_UNDO)
MEMBERS = 50
# A preview names so many answers; it counts them all.
NAMED = 200


@require_safe
@member_view(*READERS)
@known_only
def groups(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """List the groups of a question, the largest with something to mark first."""
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    found = queries.groups(request.principal, question_id)
    grouping = queries.grouping_job(request.principal, question_id)
    context = {
        "question": question,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "answers": sum(one.size for one in found),
        "grouping": grouping,
        "busy": bool(grouping and grouping.state in {"queued", "running"}),
        "failure": wording.of_failure(grouping.error_code) if grouping and grouping.state == "failed" else "",
        "acts": desk_queries.recent_acts(request.principal, question_id),
        "under_way": open_acts(request.principal, question.assignment, *BULK),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "tutor/desk/groups_list.html" if part else "tutor/desk/groups.html", context)


@require_POST
@member_view(*READERS)
@known_only
def make_groups(request: MemberRequest, question_id: UUID) -> HttpResponse:
    question_for(request.principal, question_id)
    refusal: MarkingError | None = None
    try:
        services.make_groups(request.principal, question_id)
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, to=_groups_address(request, question_id))


@require_safe
@member_view(*READERS)
@known_only
def group(request: MemberRequest, group_id: UUID) -> HttpResponse:
    """Show a group with its members, and the form for its mark."""
    return _show_group(request, group_id)


def _show_group(request: MemberRequest, group_id: UUID, *, status: int = 200) -> HttpResponse:
    question, found, others = _group(request, group_id)
    page = Paginator(range(found.size), MEMBERS).get_page(request.GET.get("page"))
    offset = (page.number - 1) * MEMBERS
    rubric = question.rubric
    context = {
        "question": question,
        "group": found,
        "page": page,
        "members": queries.group_members(request.principal, group_id, start=offset, size=MEMBERS),
        "criteria": rubric.criteria if rubric else [],
        "others": others[:NAMED],
        "acts": [one for one in desk_queries.recent_acts(request.principal, question.pk) if one.group_id == group_id],
    }
    return render(request, "tutor/desk/group.html", context, status=status)


@require_POST
@member_view(*READERS)
@known_only
def preview(request: MemberRequest, group_id: UUID) -> HttpResponse:
    """Show who would get which mark, and who would not and why."""
    question, found, _others = _group(request, group_id)
    try:
        levels, points = read_levels(request.POST)
        seen = services.preview_group(request.principal, group_id, levels=levels, points=points)
    except MarkingError as error:
        return say_and_go(request, error, to=_group_address(request, group_id))
    action = reverse("tutor:desk_group_apply", args=[request.organisation.slug, group_id])
    return _preview_page(request, question, seen, action=action, group=found, levels=levels or {}, points=points)


def _preview_page(
    request: MemberRequest,
    question: Question,
    seen: GroupPreview,
    *,
    action: str,
    group: GroupView | None = None,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
) -> HttpResponse:
    chosen = levels or {}
    context: dict[str, Any] = {
        "question": question,
        "group": group,
        "preview": seen,
        "named": seen.takes[:NAMED],
        "unnamed": max(0, seen.count - NAMED),
        "skipped": [(one, wording.SKIPPED[one.reason]) for one in seen.skipped[:NAMED]],
        "skipped_unnamed": max(0, len(seen.skipped) - NAMED),
        "levels": chosen,
        "level_words": _level_words(question, chosen),
        "points": points,
        "confirm_from": border_of(question, applied_run(question)),
        "action": action,
        "client_id": uuid4(),
        "override_reasons": Mark.OverrideReason.choices,
    }
    return render(request, "tutor/desk/preview.html", context)


def _level_words(question: Question, levels: Mapping[str, str]) -> list[tuple[str, str]]:
    criteria = question.rubric.criteria if question.rubric else []
    return [
        (criterion["text"], level["label"])
        for criterion in criteria
        for level in criterion["levels"]
        if levels.get(criterion["id"]) == level["id"]
    ]


@require_POST
@member_view(*READERS)
@known_only
def apply_group(request: MemberRequest, group_id: UUID) -> HttpResponse:
    """Give the mark to the members of the preview; of a large group, by a worker."""
    preview, reason = request.POST.get("preview", ""), request.POST.get("override_reason", "")
    feedback = request.POST.get("feedback", "").replace("\r\n", "\n").strip()[:LONGEST_FEEDBACK]
    try:
        levels, points = read_levels(request.POST)
        group = AnswerGroup.objects.for_organisation(request.organisation).filter(pk=group_id).first()
        if group is not None and group.members.count() > LONG:
            question = question_for(request.principal, group.question_id, *FIRST_MARKERS)
            given = {"question": str(question.pk), "group": str(group_id), "preview": preview}
            mark = {"levels": levels, "points": points, "feedback": feedback, "reason": reason}
            content = json.dumps(mark, cls=DjangoJSONEncoder)
            asked = ask(request.principal, BulkAct.Kind.GROUP_MARKS, question.assignment, given, content=content)
            return redirect("tutor:bulk", request.organisation.slug, asked.pk)
        act = services.apply_group(
            request.principal,
            group_id,
            preview_digest=preview,
            levels=levels,
            points=points,
            feedback=feedback,
            override_reason=reason,
            client_id=uuid_or_none(request.POST.get("client_id", "")),
        )
    except MarkingError as error:
        return say_and_go(request, error, to=_group_address(request, group_id))
    return say_and_go(request, None, done=bulk.marked(act.count), to=_group_address(request, group_id))


@require_safe
@member_view(*READERS)
@known_only
def confirm(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Show which proposals are sure enough and would be confirmed together."""
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    seen = services.preview_confirm(request.principal, question_id)
    action = reverse("tutor:desk_confirm_apply", args=[request.organisation.slug, question_id])
    return _preview_page(request, question, seen, action=action)


@require_POST
@member_view(*READERS)
@known_only
def confirm_apply(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Confirm the proposals of the preview; of a large class, by a worker."""
    question = question_for(request.principal, question_id)
    if standing_for(question).count() > LONG:
        given = {"question": str(question_id), "preview": request.POST.get("preview", "")}
        asked = ask(request.principal, BulkAct.Kind.CONFIRMING, question.assignment, given)
        return redirect("tutor:bulk", request.organisation.slug, asked.pk)
    address = reverse("tutor:desk_confirm", args=[request.organisation.slug, question_id])
    try:
        act = services.confirm_proposals(
            request.principal,
            question_id,
            preview_digest=request.POST.get("preview", ""),
            client_id=uuid_or_none(request.POST.get("client_id", "")),
        )
    except MarkingError as error:
        return say_and_go(request, error, to=address)
    return say_and_go(request, None, done=bulk.marked(act.count), to=_groups_address(request, question_id))


@require_POST
@member_view(*READERS)
@known_only
def undo_act(request: MemberRequest, act_id: UUID) -> HttpResponse:
    """Take back every mark of an act that still stands."""
    acts = GroupAct.objects.for_organisation(request.organisation).select_related("question__assignment")
    act = acts.filter(pk=act_id).first()
    if act is None:
        raise NotFoundError
    if act.count > LONG:
        given = {"question": str(act.question_id), "act": str(act_id)}
        asked = ask(request.principal, BulkAct.Kind.GROUP_UNDO, act.question.assignment, given)
        return redirect("tutor:bulk", request.organisation.slug, asked.pk)
    address = _groups_address(request, act.question_id)
    try:
        undone = services.undo_group_act(request.principal, act_id)
    except MarkingError as error:
        return say_and_go(request, error, to=address)
    return say_and_go(request, None, done=bulk.undone(undone.withdrawn, undone.kept), to=address)


@require_POST
@member_view(*READERS)
@known_only
def name(request: MemberRequest, group_id: UUID) -> HttpResponse:
    refusal: MarkingError | None = None
    try:
        services.name_group(request.principal, group_id, name=request.POST.get("name", "").strip()[:120])
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, done=_("The name is kept."), to=_group_address(request, group_id))


@require_POST
@member_view(*READERS)
@known_only
def members(request: MemberRequest, group_id: UUID) -> HttpResponse:
    """Move the chosen members to another group, or split them off into one of their own."""
    chosen = [one for one in map(uuid_or_none, request.POST.getlist("answer")) if one]
    address = _group_address(request, group_id)
    if not chosen:
        messages.error(request, _("Choose some answers first."))
        return redirect(address)
    to = uuid_or_none(request.POST.get("to", ""))
    try:
        if to is not None and request.POST.get("act") == "move":
            target = services.move_members(request.principal, answer_ids=chosen, to=to)
        else:
            target = services.split_group(request.principal, group_id, answer_ids=chosen)
    except MarkingError as error:
        return say_and_go(request, error, to=address)
    left = AnswerGroup.objects.for_organisation(request.organisation).filter(pk=group_id).exists()
    done = ngettext("%(count)d answer was moved.", "%(count)d answers were moved.", len(chosen)) % {
        "count": len(chosen)
    }
    return say_and_go(request, None, done=done, to=address if left else _group_address(request, target.pk))


@require_POST
@member_view(*READERS)
@known_only
def merge(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Merge the chosen groups into the first of them."""
    question_for(request.principal, question_id)
    chosen = [one for one in map(uuid_or_none, request.POST.getlist("group")) if one]
    address = _groups_address(request, question_id)
    if len(chosen) < 2:
        messages.error(request, _("Choose at least two groups to merge."))
        return redirect(address)
    refusal: MarkingError | None = None
    try:
        services.merge_groups(request.principal, chosen[0], others=chosen[1:])
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, done=_("The groups are one now."), to=address)


def _group(request: MemberRequest, group_id: UUID) -> tuple[Question, GroupView, list[GroupView]]:
    """Return a group with its question and the question's other groups."""
    row = AnswerGroup.objects.for_organisation(request.organisation).filter(pk=group_id).first()
    if row is None:
        raise NotFoundError
    question = question_for(request.principal, row.question_id, *FIRST_MARKERS)
    every = {one.id: one for one in queries.groups(request.principal, row.question_id)}
    return question, every.pop(group_id), list(every.values())


def _group_address(request: MemberRequest, group_id: UUID) -> str:
    return reverse("tutor:desk_group", args=[request.organisation.slug, group_id])


def _groups_address(request: MemberRequest, question_id: UUID) -> str:
    return reverse("tutor:desk_groups", args=[request.organisation.slug, question_id])
