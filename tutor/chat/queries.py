"""Reads of conversations, each recorded: the learner's own, and by staff what the learner was told they may read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.answering.words import content_forms
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.chat.conversing import settle, turns_of
from tutor.learning.access import STAFF_ROLES, learner_in, own_course, settings_of
from tutor.learning.passages import PassageView, passages_of
from tutor.models import ChatTurn, Course, Learner, LearningSettings

LATEST = 30
TERMS = 2
_LONG_WORD = re.compile(r"[^\W\d_]{4,}|[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class TurnView:
    """A message with its reply as it is shown. ``terms`` are words of the question that the passage explains."""

    turn: ChatTurn
    sentences: tuple[dict[str, Any], ...]
    passages: tuple[dict[str, Any], ...]
    place: PassageView | None
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChatPage:
    course: Course
    learner: Learner
    settings: LearningSettings
    is_on: bool
    turns: tuple[TurnView, ...]

    @property
    def is_pending(self) -> bool:
        return any(one.turn.decision == ChatTurn.Decision.PENDING for one in self.turns)


def own_chat(principal: Principal, course_id: UUID) -> ChatPage:
    """Return the signed-in learner's conversation. Raises PermissionDenied, ``Course.DoesNotExist``."""
    learner, course = own_course(principal, course_id)
    settle(learner, course)
    settings = settings_of(course)
    turns = list(turns_of(learner, course).select_related("question__assignment").order_by("-asked_at")[:LATEST])[::-1]
    _record(principal, course, learner, len(turns), reader="learner")
    is_on = settings.chat and course.collection_id is not None
    return ChatPage(course, learner, settings, is_on, _views(course, turns))


def learners_chat(principal: Principal, course_id: UUID, learner_id: UUID) -> ChatPage:
    """Return what staff may read of a learner's conversation: what was written while the learner was told so.

    Raises:
        As ``learner_in``; ChatTurn.DoesNotExist: the course does not let its staff read.
    """
    course, learner = learner_in(principal, course_id, learner_id, *STAFF_ROLES)
    settings = settings_of(course)
    if not settings.chat_read_by_staff:
        raise ChatTurn.DoesNotExist
    readable = turns_of(learner, course).filter(readable_by_staff=True).select_related("question__assignment")
    turns = list(readable.order_by("-asked_at")[:LATEST])[::-1]
    _record(principal, course, learner, len(turns), reader="staff")
    return ChatPage(course, learner, settings, settings.chat, _views(course, turns))


def _views(course: Course, turns: Sequence[ChatTurn]) -> tuple[TurnView, ...]:
    places = passages_of(course, [one.chunk for one in turns])
    return tuple(_view(one, places.get(one.chunk) if one.chunk is not None else None) for one in turns)


def _view(turn: ChatTurn, place: PassageView | None) -> TurnView:
    parts = turn.parts
    prompt = turn.question.prompt if turn.question is not None else ""
    return TurnView(
        turn,
        tuple(parts.get("sentences", ())),
        tuple(parts.get("passages", ())),
        place,
        terms_of(prompt, place.text) if place is not None else (),
    )


def terms_of(prompt: str, passage: str) -> tuple[str, ...]:
    """Return the longest words of a question that its passage explains: what a hint asks about."""
    explained = set(content_forms(passage))
    words = dict.fromkeys(one.casefold() for one in _LONG_WORD.findall(prompt))
    shared = [one for one in words if set(content_forms(one)) & explained]
    return tuple(sorted(shared, key=lambda one: (-len(one), one))[:TERMS])


def _record(principal: Principal, course: Course, learner: Learner, count: int, *, reader: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.chat_read",
        subject=Ref("learner", learner.pk),
        object=Ref("course", course.pk),
        digests={"count": count, "reader": reader},
    )
