"""A learner's tries: hints taken, an answer stored, its check, their own judgement; each recorded."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.errors import InferenceError
from tutor.learning.access import own_course, settings_of
from tutor.learning.asking import ask
from tutor.models import Exercise, Learner, PracticeTry
from tutor.practice import checking
from tutor.practice.checking import Check
from tutor.practice.errors import PracticeError
from tutor.practice.exercises import open_exercises
from tutor.practice.hinting import find_hints, hints_of
from tutor.work.access import own_learner
from tutor.work.errors import InvalidAnswerError
from tutor.work.services import checked
from tutor.work.writing import Written

LONGEST = 4_000
MOST_AN_HOUR = 60
"""So many tries a learner begins within an hour: more than anybody practises, fewer than a program sends."""
JUDGEMENTS = {"right": 1.0, "partly": 0.5, "wrong": 0.0}


def open_exercise(principal: Principal, course_id: UUID, exercise_id: UUID) -> tuple[Learner, Exercise]:
    """Return the signed-in learner and an exercise that they may practise.

    Raises:
        PermissionDenied, Course.DoesNotExist, Exercise.DoesNotExist.
        PracticeError: practice is switched off in the course.
    """
    learner, course = own_course(principal, course_id)
    if not settings_of(course).practice:
        raise PracticeError(_("Practice is switched off in this course."))
    return learner, open_exercises(course).select_related("course", "skill").get(pk=exercise_id)


def begun(learner: Learner, exercise: Exercise) -> PracticeTry | None:
    """Return the learner's try that has no answer yet."""
    tries = PracticeTry.objects.for_organisation(learner.organisation_id)
    return tries.filter(learner=learner, exercise=exercise, answered_at=None).first()


def take_hint(principal: Principal, course_id: UUID, exercise_id: UUID, *, try_id: UUID) -> PracticeTry:
    """Give the next hint of an exercise; after the last one nothing changes. ``try_id``: as ``answer``.

    Raises:
        As ``open_exercise``, and what the model service raises while hints have to be found.
        PracticeTry.DoesNotExist, PracticeError: as ``answer``.
    """
    with acting_in(principal.organisation_id):
        learner, exercise = open_exercise(principal, course_id, exercise_id)
        steps = exercise.hints
        if steps is None or len(hints_of(exercise, len(steps))) < len(steps):
            # Never looked for, or the material has changed since.
            exercise.hints = steps = find_hints(exercise)
            exercise.save(update_fields=["hints"])
        one = begun(learner, exercise) or _new(learner, exercise, try_id)
        if one.hints < len(steps):
            one.hints += 1
            one.save()
            _record(principal, one, "tutor.hint_given", {"hint": one.hints})
        return one


def answer(principal: Principal, course_id: UUID, exercise_id: UUID, written: Written, *, try_id: UUID) -> PracticeTry:
    """Store an answer. Numbers and choices are checked at once; words wait for ``check``.

    ``try_id`` is the page's own id for the try: sent twice, the answer is stored once.

    Raises:
        As ``open_exercise``.
        PracticeTry.DoesNotExist: the id is of somebody else's try.
        PracticeError: nothing was written, something that was not offered, or too many tries were begun within an hour.
    """
    with acting_in(principal.organisation_id):
        learner, exercise = open_exercise(principal, course_id, exercise_id)
        if written.is_empty:
            raise PracticeError(_("Write or choose an answer first."))
        if len(written.text) > LONGEST:
            raise PracticeError(_("The answer is too long. Say it in fewer words."))
        try:
            kept = checked(exercise, written)
        except InvalidAnswerError:
            raise PracticeError(_("Choose one of the options.")) from None
        tries = PracticeTry.objects.for_organisation(principal.organisation_id).filter(learner=learner)
        if (known := tries.filter(pk=try_id, answered_at__isnull=False).first()) is not None:
            return known
        one = begun(learner, exercise) or _new(learner, exercise, try_id)
        one.text, one.choices, one.answered_at = kept.text, list(kept.choices), timezone.now()
        one.save()
        _record(principal, one, "tutor.practised", {"hints": one.hints})
        if (found := checking.by_rules(exercise, _read(one))) is not None:
            _keep(principal, one, found)
        return one


def check(principal: Principal, try_id: UUID) -> PracticeTry:
    """Have an answer in words checked, once. Where the models are away the learner judges.

    Raises:
        PermissionDenied, PracticeTry.DoesNotExist.
    """
    with acting_in(principal.organisation_id):
        one = own_try(principal, try_id, lock=True)
        if one.verdict:
            return one
        try:
            found = checking.by_engine(principal, one.exercise, one.text)
        except InferenceError:
            found = checking.UNSURE
        _keep(principal, one, found)
        return one


def judge(principal: Principal, try_id: UUID, judgement: str) -> PracticeTry:
    """Let the learner say how right they were where the check is not sure.

    Raises:
        PermissionDenied, PracticeTry.DoesNotExist.
        PracticeError: the check has spoken, or there is no such judgement.
    """
    with acting_in(principal.organisation_id):
        one = own_try(principal, try_id, lock=True)
        if one.verdict != PracticeTry.Verdict.UNSURE or judgement not in JUDGEMENTS:
            raise PracticeError(_("This answer was judged already."))
        one.share, one.judged_by_learner = JUDGEMENTS[judgement], True
        one.save(update_fields=["share", "judged_by_learner"])
        _record(principal, one, "tutor.practice_judged", {"share": round(one.share * 100)})
        ask(principal.organisation_id, one.exercise.course_id, [one.learner_id])
        return one


def own_try(principal: Principal, try_id: UUID, *, lock: bool = False) -> PracticeTry:
    """Return an answered try of the signed-in learner. Raises PermissionDenied, ``PracticeTry.DoesNotExist``."""
    tries = PracticeTry.objects.for_organisation(principal.organisation_id).select_related(
        "exercise__course", "exercise__skill"
    )
    if lock:
        tries = tries.select_for_update(of=("self",))
    return tries.get(pk=try_id, learner=own_learner(principal), answered_at__isnull=False)


def _new(learner: Learner, exercise: Exercise, try_id: UUID) -> PracticeTry:
    of = learner.organisation_id
    hour = PracticeTry.objects.for_organisation(of).filter(
        learner=learner, started_at__gte=timezone.now() - timedelta(hours=1)
    )
    if hour.count() >= MOST_AN_HOUR:
        raise PracticeError(_("You have practised very much in this hour. Go on a little later."))
    try:
        with transaction.atomic():
            return PracticeTry.objects.create(id=try_id, organisation_id=of, learner=learner, exercise=exercise)
    except IntegrityError:
        raise PracticeTry.DoesNotExist from None


def _read(one: PracticeTry) -> str:
    return ",".join(one.choices) if one.exercise.kind == Exercise.Kind.CHOICE else one.text


def _keep(principal: Principal, one: PracticeTry, found: Check) -> None:
    one.verdict, one.confidence, one.share = found.verdict, found.confidence, found.share
    one.model_digest = found.model_digest
    one.save(update_fields=["verdict", "confidence", "share", "model_digest"])
    _record(
        principal,
        one,
        "tutor.practice_checked",
        {"verdict": found.verdict, "confidence": round(found.confidence * 1000), "model": found.model_digest},
    )
    if found.share is not None:
        ask(principal.organisation_id, one.exercise.course_id, [one.learner_id])


def _record(principal: Principal, one: PracticeTry, action: str, digests: dict[str, DigestValue]) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref("learner", one.learner_id),
        object=Ref("practice", one.pk),
        digests={"exercise": str(one.exercise_id), **digests},
    )
