from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TutorConfig(AppConfig):
    name = "tutor"
    verbose_name = _("Tutor")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.accounts.demo import register_demo
        from llmasos.answering.registry import register_finisher
        from llmasos.retrieval.evaluators import register_evaluator
        from llmasos.ui.navigation import register_door, register_section
        from tutor import loose_answers, personal_data
        from tutor.appeals import actions as appeals_actions
        from tutor.authoring import actions as authoring_actions
        from tutor.bulk import actions as bulk_actions
        from tutor.cards import actions as cards_actions
        from tutor.cards import bulk as cards_bulk
        from tutor.chat import actions as chat_actions
        from tutor.chat import conversing
        from tutor.chat import personal_data as chat_data
        from tutor.courses import actions as courses_actions
        from tutor.demo.loading import load_demo
        from tutor.dial import actions as dial_actions
        from tutor.evaluation.grading import GradingEvaluator
        from tutor.evaluation.groups import GroupsEvaluator
        from tutor.evaluation.tracing import TracingEvaluator
        from tutor.feedback import actions as feedback_actions
        from tutor.feedback import personal_data as feedback_data
        from tutor.feedback.drafting import draft_answers
        from tutor.interchange import actions as interchange_actions
        from tutor.interchange.marks import bulk as marks_bulk
        from tutor.learning import actions as learning_actions
        from tutor.learning import personal_data as learning_data
        from tutor.learning.asking import results_changed
        from tutor.lti import actions as lti_actions
        from tutor.lti import scores as lti_scores
        from tutor.marking import actions as marking_actions
        from tutor.marking import bulk as marking_bulk
        from tutor.marking import jobs
        from tutor.marking.followers import register_follower
        from tutor.marking.grouping_work import group_answers
        from tutor.models import MarkingJob
        from tutor.notes import actions as notes_actions
        from tutor.own_record import actions as own_record_actions
        from tutor.permissions import GUARDIANS, LEARNERS, READERS
        from tutor.practice import actions as practice_actions
        from tutor.practice import personal_data as practice_data
        from tutor.quality import actions as quality_actions
        from tutor.quality.robustness_work import check_robustness
        from tutor.quality.similar_work import find_similar
        from tutor.results import actions as results_actions
        from tutor.rosters import actions as rosters_actions
        from tutor.training import actions as training_actions
        from tutor.work import actions as work_actions

        courses_actions.register()
        bulk_actions.register()
        cards_actions.register()
        rosters_actions.register()
        authoring_actions.register()
        work_actions.register()
        results_actions.register()
        marking_actions.register()
        dial_actions.register()
        notes_actions.register()
        feedback_actions.register()
        interchange_actions.register()
        appeals_actions.register()
        lti_actions.register()
        learning_actions.register()
        quality_actions.register()
        training_actions.register()
        jobs.register_work(MarkingJob.Kind.GROUPS, group_answers)
        jobs.register_work(MarkingJob.Kind.DRAFTS, draft_answers)
        jobs.register_work(MarkingJob.Kind.SIMILAR, find_similar)
        jobs.register_work(MarkingJob.Kind.ROBUSTNESS, check_robustness)
        marking_bulk.register()
        marks_bulk.register()
        cards_bulk.register()
        practice_actions.register()
        own_record_actions.register()
        chat_actions.register()
        loose_answers.register()
        personal_data.register()
        learning_data.register()
        practice_data.register()
        chat_data.register()
        feedback_data.register()
        register_finisher(conversing.FINISHER, conversing.store_reply)
        register_follower(results_changed)
        register_follower(lti_scores.results_changed)
        register_evaluator("grading", GradingEvaluator())
        register_evaluator("groups", GroupsEvaluator())
        register_evaluator("tracing", TracingEvaluator())
        register_door(
            "tutor",
            _("Tutor"),
            "tutor:start",
            (*READERS, *LEARNERS, *GUARDIANS),
            accent="violet",
            icon="tutor",
            description=_("Set work, results, and the teaching material with the source of every passage."),
            order=20,
        )
        register_section("tutor", "courses", _("Courses"), "tutor:courses", READERS, order=10)
        register_section("tutor", "marking", _("Marking"), "tutor:marking", READERS, order=20)
        register_section("tutor", "work", _("My work"), "tutor:my_work", LEARNERS, order=10)
        register_section("tutor", "learn", _("What to do next"), "tutor:learn", LEARNERS, order=20)
        register_section("tutor", "join", _("Join a course"), "tutor:join", LEARNERS, order=30)
        register_section("tutor", "results", _("Results"), "tutor:childrens_results", GUARDIANS, order=10)
        register_demo("school", load_demo)
