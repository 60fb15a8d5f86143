"""Filling the demo school: a course with its material, a class of a hundred, and work in every state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from llmasos.accounts.models import Membership, Organisation
from llmasos.accounts.principals import Principal, system_principal
from llmasos.retrieval import services as retrieval
from tutor.authoring import services as authoring
from tutor.courses import enrolling
from tutor.courses import services as courses
from tutor.demo import classroom
from tutor.demo.practising import add_exercises
from tutor.marking import services as marking
from tutor.models import Answer, Assignment, Course, Enrolment, Guardian, Learner, Question, Submission
from tutor.work.digests import answer_digest
from tutor.work.freezing import freeze
from tutor.work.pseudonyms import draw_pseudonym, draw_shuffle

COLLECTION = "course-material"
NAME: Final = "Physics 9"
MARKED_BY_HAND: Final = 12
"""So many answers to the first question have a mark at first start: the proposals have something to learn from."""
RELEASED: Final = 20
"""So many pupils have handed in the work that is marked and released."""


def load_demo(organisation: Organisation) -> None:
    """Make the demo course once; run again, it changes nothing."""
    if Course.objects.for_organisation(organisation).filter(is_demo=True).exists():
        return
    system = system_principal(organisation.pk)
    teacher = _member(organisation, "teacher")
    collection = retrieval.add_collection(system, name=COLLECTION)
    for page in sorted((classroom.FOLDER / "material").glob("*.md")):
        retrieval.import_upload(system, collection=collection, name=page.name, content=page.read_bytes())
    course = courses.add_course(
        system, {"name": NAME, "code": "PHY9", "collection": collection, "guardians_may_read": True, "is_demo": True}
    )
    courses.set_staff(system, course.pk, email=f"teacher@{organisation.slug}.example", role="teacher")
    courses.set_staff(system, course.pk, email=f"administrator@{organisation.slug}.example", role="second_marker")
    learners = _enrol(system, organisation, course)
    water = _set(system, course, "water-and-heat", due_in=timedelta(days=-2))
    forces = _set(system, course, "forces", due_in=timedelta(days=-9))
    check = _set(system, course, "quick-check", due_in=timedelta(days=-20))
    _set(system, course, "solar-roof", due_in=timedelta(days=12))
    _set(system, course, "circuits", due_in=timedelta(days=5))
    _hand_in(water, "water-and-heat", learners)
    first = Question.objects.for_organisation(organisation).filter(assignment=water).order_by("position")[0]
    _mark(teacher, first, classroom.assignment("water-and-heat")["questions"][0], learners[:MARKED_BY_HAND])
    for assignment, name in ((forces, "forces"), (check, "quick-check")):
        handed_in = _hand_in(assignment, name, learners[:RELEASED])
        for question, written in _with_content(assignment, name):
            _mark(teacher, question, written, learners[:RELEASED])
        marking.release(teacher, assignment.pk, [one.pk for one in handed_in])
        authoring.set_state(system, assignment.pk, Assignment.State.CLOSED)
    add_exercises(system, course, check)
    for question in Question.objects.for_organisation(organisation).filter(assignment=water):
        marking.request_proposals(system, question.pk)


def _member(organisation: Organisation, role: str) -> Principal:
    members = Membership.objects.for_organisation(organisation)
    member = members.get(person__email=f"{role}@{organisation.slug}.example", role=role)
    return Principal(organisation.pk, "person", member.person_id, frozenset({role}))


def _enrol(system: Principal, organisation: Organisation, course: Course) -> list[Learner]:
    """Enrol the class; its first pupil is who signs in as the demo's student, with the demo's guardian."""
    entries = [
        enrolling.Entry(
            name=pupil.name,
            email=f"student@{organisation.slug}.example" if number == 0 else "",
            number=pupil.number,
            section=pupil.section,
            groups=pupil.groups,
        )
        for number, pupil in enumerate(classroom.pupils())
    ]
    enrolling.enrol(system, course.pk, entries)
    enrolments = Enrolment.objects.for_organisation(organisation).filter(course=course).select_related("learner")
    learners = sorted((one.learner for one in enrolments), key=lambda learner: learner.number)
    guardian = Membership.objects.for_organisation(organisation).get(
        person__email=f"guardian@{organisation.slug}.example", role="guardian"
    )
    Guardian.objects.create(organisation=organisation, learner=learners[0], person_id=guardian.person_id)
    return learners


def _set(system: Principal, course: Course, name: str, *, due_in: timedelta) -> Assignment:
    content = classroom.assignment(name)
    made = authoring.add_assignment(
        system,
        course.pk,
        {
            "title": content["title"],
            "instructions": content["instructions"],
            "due_at": timezone.now() + due_in,
            "late_days_allowed": 30 if due_in < timedelta(0) else 1,
        },
    )
    for question in content["questions"]:
        authoring.save_question(system, made.pk, _content(question))
    return authoring.set_state(system, made.pk, Assignment.State.PUBLISHED)


def _content(question: Mapping[str, Any]) -> authoring.QuestionContent:
    values: dict[str, Any] = {
        "kind": question["kind"],
        "prompt": question["prompt"],
        "points": Decimal(str(question["points"])),
    }
    if question["kind"] == Question.Kind.NUMERIC:
        values |= {
            "numeric_value": question["value"],
            "numeric_unit": question["unit"],
            "numeric_tolerance": question["tolerance"],
            "numeric_tolerance_kind": question["tolerance_kind"],
        }
    if question["kind"] == Question.Kind.CHOICE:
        values["options"] = question["options"]
    levels = [
        {"id": key, "label": label, "points": points, "description": "", "examples": []}
        for key, label, points in (("no", "No", 0.0), ("yes", "Yes", 1.0))
    ]
    criteria = [
        {"id": one["id"], "text": one["text"], "weight": 1.0, "levels": levels} for one in question.get("criteria", ())
    ]
    references = question["references"] or [one["text"] for one in question.get("options", ()) if one["correct"]]
    return authoring.QuestionContent(values, question.get("skills", ()), references, criteria)


def _with_content(assignment: Assignment, name: str) -> Sequence[tuple[Question, Mapping[str, Any]]]:
    questions = Question.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment)
    return list(zip(questions.order_by("position"), classroom.assignment(name)["questions"], strict=True))


def _hand_in(assignment: Assignment, name: str, learners: Sequence[Learner]) -> list[Submission]:
    """Hand in what each pupil wrote, a little before the deadline."""
    questions = _with_content(assignment, name)
    written = {question.pk: classroom.answers(content) for question, content in questions}
    saved_at = (assignment.due_at or timezone.now()) - timedelta(hours=3)
    taken: set[str] = set()
    submissions = []
    for number, learner in enumerate(learners):
        taken.add(pseudonym := draw_pseudonym(taken))
        submissions.append(
            submission := Submission.objects.create(
                organisation_id=assignment.organisation_id,
                assignment=assignment,
                learner=learner,
                pseudonym=pseudonym,
                shuffle=draw_shuffle(),
                started_at=saved_at - timedelta(minutes=40),
            )
        )
        answers = []
        for question, _content_of in questions:
            one = written[question.pk][number]
            answers.append(
                Answer(
                    organisation_id=assignment.organisation_id,
                    submission=submission,
                    question=question,
                    learner=learner,
                    text=one.text,
                    choices=list(one.choices),
                    revision=1,
                    digest=answer_digest(text=one.text, choices=one.choices),
                    saved_at=saved_at,
                )
            )
        Answer.objects.bulk_create(answers)
        actor = system_principal(assignment.organisation_id).actor
        freeze(submission, by=Submission.HandedInBy.LEARNER, actor=actor, at=saved_at)
    return submissions


def _mark(teacher: Principal, question: Question, content: Mapping[str, Any], learners: Sequence[Learner]) -> None:
    """Mark what these pupils wrote as its author meant it, in the teacher's name."""
    written = classroom.answers(content)
    answers = {
        one.learner_id: one
        for one in Answer.objects.for_organisation(question.organisation_id).filter(
            question=question, learner__in=learners
        )
    }
    for number, learner in enumerate(learners):
        answer, meant = answers[learner.pk], written[number]
        points = None if meant.levels else Decimal(str(meant.points or 0))
        marking.give_mark(
            teacher,
            answer.pk,
            expected_digest=answer.digest,
            expected_mark_id=None,
            levels=dict(meant.levels) or None,
            points=points,
        )
