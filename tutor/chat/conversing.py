"""A learner asks: stored first, then judged, then answered from the course's material or guided."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.answering import services as answering
from llmasos.answering.types import Answer, FinishedRun
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import services as inference
from llmasos.inference.errors import InferenceError
from llmasos.inference.models import LIVE_STATES, Run
from llmasos.inference.types import Message
from tutor.chat import guard
from tutor.chat.errors import ChatError
from tutor.chat.open_work import open_questions
from tutor.learning.access import own_course, settings_of
from tutor.learning.passages import PassageFinder
from tutor.models import ChatTurn, Course, Learner

FINISHER: Final = "tutor.chat"
LONGEST: Final = 2_000
MOST_AN_HOUR: Final = 60
"""So many messages a learner sends in a course: more than a conversation has, fewer than a program sends."""
CONTEXT: Final = 3
"""So many answered turns before are given to the search along with the message."""
Decision = ChatTurn.Decision


def ask(principal: Principal, course_id: UUID, text: str, *, turn_id: UUID) -> ChatTurn:
    """Store a message and start its reply. ``turn_id`` is the page's own id: sent twice, it is stored once.

    Raises:
        PermissionDenied, Course.DoesNotExist.
        ChatTurn.DoesNotExist: the id is of somebody else's message.
        ChatError: the chat is off or has no material, nothing was written, another message is being answered, or
            too many were sent within an hour.
    """
    with acting_in(principal.organisation_id):
        learner, course = own_course(principal, course_id)
        settings = settings_of(course)
        if not settings.chat or course.collection_id is None:
            raise ChatError(_("There is no chat in this course."))
        # Two messages at once come one after the other here.
        Learner.objects.for_organisation(principal.organisation_id).select_for_update(no_key=True).get(pk=learner.pk)
        settle(learner, course)
        turns = turns_of(learner, course)
        if (known := turns.filter(pk=turn_id).first()) is not None:
            return known
        text = text.replace("\x00", "").strip()
        if not text:
            raise ChatError(_("Write a question first."))
        if len(text) > LONGEST:
            raise ChatError(_("The message is too long. Ask one thing at a time."))
        if turns.filter(decision=Decision.PENDING).exists():
            raise ChatError(_("Wait for the reply to your last message first."))
        if turns.filter(asked_at__gte=timezone.now() - timedelta(hours=1)).count() >= MOST_AN_HOUR:
            raise ChatError(_("You have asked very much in this hour. Go on a little later."))
        turn = ChatTurn(
            id=turn_id,
            organisation_id=principal.organisation_id,
            learner=learner,
            course=course,
            text=text,
            readable_by_staff=settings.chat_read_by_staff,
        )
        try:
            with transaction.atomic():
                turn.save(force_insert=True)
        except IntegrityError:
            raise ChatTurn.DoesNotExist from None
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.chat_asked",
            subject=Ref("learner", learner.pk),
            object=Ref("chat", turn.pk),
        )
        try:
            _reply(principal, turn, earlier=list(turns.exclude(pk=turn.pk).order_by("-asked_at")[:CONTEXT])[::-1])
        except InferenceError:
            _end(turn, Decision.FAILED)
        return turn


def store_reply(run: FinishedRun, answer: Answer) -> None:
    """Store what a run answered, unless it would tell what open work asks for: then the learner is guided instead.

    Called in the transaction that ends the run.
    """
    turn = (
        ChatTurn.objects.for_organisation(run.organisation_id)
        .select_for_update(of=("self",))
        .select_related("course", "learner")
        .filter(pk=UUID(run.reference), run_id=run.id, decision=Decision.PENDING)
        .first()
    )
    if turn is None:
        return
    questions = open_questions(turn.learner)
    said = [one.text for one in answer.sentences] or [answer.text]
    found = guard.told(" ".join(said), questions)
    if found is not None:
        turn.question_id = found.id
        turn.chunk = int(answer.passages[0].chunk_id) if answer.passages else None
        _end(turn, Decision.GUIDED)
    elif answer.event == "done" and answer.decision == "answer":
        turn.reply = answer.text
        turn.parts = {
            "sentences": [{"text": one.text, "citations": list(one.citations)} for one in answer.sentences],
            "passages": answer.citations,
        }
        _end(turn, Decision.ANSWERED)
    else:
        # A question back is worth showing; of what was not found the page speaks in its own words.
        turn.reply = answer.text if answer.decision == "clarify" else ""
        _end(turn, Decision.UNKNOWN if answer.event in {"done", "abstained"} else Decision.FAILED)


def settle(learner: Learner, course: Course) -> None:
    """End replies whose run is over without having stored one."""
    alive = Run.objects.for_organisation(learner.organisation_id).filter(pk=OuterRef("run_id"), state__in=LIVE_STATES)
    pending = turns_of(learner, course).filter(decision=Decision.PENDING, run_id__isnull=False)
    pending.exclude(Exists(alive)).update(decision=Decision.FAILED, answered_at=timezone.now())


def turns_of(learner: Learner, course: Course) -> QuerySet[ChatTurn]:
    """Return the learner's turns in a course, oldest first."""
    return ChatTurn.objects.for_organisation(learner.organisation_id).filter(learner=learner, course=course)


def _reply(principal: Principal, turn: ChatTurn, *, earlier: list[ChatTurn]) -> None:
    questions = open_questions(turn.learner)
    found = guard.asked(
        [*(one.text for one in earlier), turn.text], questions, _meanings(principal, turn.text, questions)
    )
    if found is None and earlier and earlier[-1].decision == Decision.GUIDED and guard.insists(turn.text):
        found = next((one for one in questions if one.id == earlier[-1].question_id), None)
    if found is not None:
        turn.question_id = found.id
        turn.chunk = PassageFinder(turn.course)(found.prompt)
        _end(turn, Decision.GUIDED)
        return
    turn.run_id = answering.start_answer(
        principal,
        collection_ids=[turn.course.collection_id] if turn.course.collection_id else [],
        messages=_messages(turn, earlier),
        language=turn.course.language,
        on_finished=FINISHER,
        reference=str(turn.pk),
        idempotency_key=f"tutor:{turn.pk}",
    )
    turn.save(update_fields=["run_id"])


def _meanings(principal: Principal, text: str, questions: list[guard.OpenQuestion]) -> list[float]:
    """Return how near the message is to each open question."""
    if not questions:
        return []
    vectors = inference.embed(
        system_principal(principal.organisation_id), [text, *(one.prompt for one in questions)]
    ).vectors
    return [float(one) for one in vectors[1:] @ vectors[0]]


def _messages(turn: ChatTurn, earlier: list[ChatTurn]) -> list[Message]:
    messages = []
    for one in earlier:
        if one.decision == Decision.ANSWERED:
            messages += [Message("user", one.text), Message("assistant", one.reply)]
    return [*messages, Message("user", turn.text)]


def _end(turn: ChatTurn, decision: str) -> None:
    turn.decision, turn.answered_at = decision, timezone.now()
    turn.save()
    record(
        organisation_id=turn.organisation_id,
        actor=system_principal(turn.organisation_id).actor,
        action="tutor.chat_replied",
        subject=Ref("learner", turn.learner_id),
        object=Ref("chat", turn.pk),
        digests={
            "decision": decision,
            "question": str(turn.question_id) if turn.question_id else "",
            "run": str(turn.run_id) if turn.run_id else "",
        },
    )
