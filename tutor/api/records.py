"""What the tutor's API records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

WORDS = "Words of the staff and counts; no learner's name or words. The key's use is recorded."
FIGURES = "Points of proposals by ids of answers; no learner's name or words. The key's use is recorded."

register_coverage(
    recorded={
        "url tutor:api_propose": "inference.model_call",
        "url tutor:api_terms": "tutor.term_saved",
        "url tutor:api_term": "tutor.term_saved tutor.term_deleted",
        "url tutor:api_courses": "tutor.course_saved tutor.course_archived",
        "url tutor:api_course": "tutor.course_saved tutor.course_archived",
        "url tutor:api_staff": "tutor.staff_changed",
        "url tutor:api_staff_member": "tutor.staff_changed",
        "url tutor:api_learners": "tutor.roster_read tutor.enrolled",
        "url tutor:api_learner": "tutor.enrolled tutor.withdrawn",
        "url tutor:api_results": "tutor.results_read",
        "url tutor:api_assignments": "tutor.assignment_saved",
        "url tutor:api_assignment": "tutor.assignment_saved tutor.assignment_state_changed tutor.assignment_deleted",
        "url tutor:api_assignment_copy": "tutor.assignment_saved",
        "url tutor:api_extensions": "tutor.extensions_read",
        "url tutor:api_extension": "tutor.extension_changed",
        "url tutor:api_questions": "tutor.question_saved tutor.rubric_changed",
        "url tutor:api_question": "tutor.question_saved tutor.rubric_changed tutor.question_deleted",
        "url tutor:api_submissions": "tutor.work_handed_in",
        "url tutor:api_answers": "tutor.answers_read",
        "url tutor:api_answer": "tutor.answers_read",
        "url tutor:api_proof": "tutor.appeal_exported",
        "url tutor:api_pair": "tutor.pair_read",
        "url tutor:api_group": "tutor.group_changed",
        "url tutor:api_group_split": "tutor.group_changed",
        "url tutor:api_group_merge": "tutor.group_changed",
        "url tutor:api_runs": "tutor.proposals_asked",
        "url tutor:api_run_apply": "tutor.proposals_applied",
        "url tutor:api_groups": "tutor.answers_read",
        "url tutor:api_grouping": "tutor.groups_asked",
        "url tutor:api_group_members": "tutor.answers_read",
        "url tutor:api_marks": "tutor.answers_read",
        "url tutor:api_answer_marks": "tutor.marked accounts.denied",
        "url tutor:api_releases": "tutor.released accounts.denied",
        "url tutor:api_release_withdraw": "tutor.release_withdrawn accounts.denied",
        "url tutor:api_regrade": "tutor.regrade_read",
        "url tutor:api_regrade_messages": "tutor.regrade_answered accounts.denied",
        "url tutor:api_learning": "tutor.learning_read",
        "url tutor:api_gradebook": "tutor.gradebook_exported",
    },
    unrecorded={
        "url tutor:api_rubrics": WORDS,
        "url tutor:api_dial": "Shares and counts of marks; no learner's name or words. The key's use is recorded.",
        "url tutor:api_quality": "Figures over ten answers or more; no learner's name or words.",
        "url tutor:api_submission": "An attempt under its pseudonym, without its answers. The key's use is recorded.",
        "url tutor:api_similar": "Pairs under pseudonyms, without their texts; opening one is recorded.",
        "url tutor:api_robustness": "Figures over a question's answers; no learner's name or words.",
        "url tutor:api_run": WORDS,
        "url tutor:api_run_difference": FIGURES,
        "url tutor:api_proposals": FIGURES,
        "url tutor:api_regrades": "Which requests there are, under pseudonyms; reading one is recorded.",
    },
)
