"""What this application records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "task tutor.close_due_work": "tutor.work_handed_in",
        "task tutor.propose": "tutor.answers_read tutor.proposed tutor.proposals_finished",
        "url tutor:my_work": "tutor.work_listed",
        "url tutor:results": "tutor.results_read",
        "url tutor:childrens_results": "tutor.results_listed",
        "url tutor:ask_regrade": "tutor.regrade_asked",
        "url tutor:reply_regrade": "tutor.regrade_answered",
        "url tutor:take_back_regrade": "tutor.regrade_withdrawn",
        "url tutor:work_assignment": "tutor.work_listed",
        "url tutor:work_start": "tutor.attempt_started",
        "url tutor:work_attempt": "tutor.work_read",
        "url tutor:work_hand_in": "tutor.work_read tutor.work_handed_in",
        "url tutor:work_receipt": "tutor.work_read",
        "url tutor:work_upload": "tutor.work_read tutor.file_uploaded",
        "url tutor:work_file": "tutor.file_read",
        "url tutor:work_remove_file": "tutor.file_removed",
        "url tutor:api_propose": "inference.model_call",
    },
    unrecorded={
        "task tutor.take_up": "Queues again what was recorded when it was asked for.",
        "url tutor:work_save": "Learners' own words while they type: the attempt's beginning is recorded, and its end.",
        "url tutor:start": "The search in it is recorded where it is made; the page reads nothing else.",
    },
)
