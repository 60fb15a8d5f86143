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
        "url tutor:marking_propose": "tutor.proposals_asked",
        "url tutor:release": "tutor.released tutor.release_withdrawn",
        "url tutor:release_withdraw": "tutor.release_withdrawn",
        "url tutor:desk_answer": "tutor.answer_read",
        "url tutor:desk_mark": "tutor.marked tutor.answer_read",
        "url tutor:desk_lock": "tutor.answer_locked",
        "url tutor:desk_reveal": "tutor.revealed",
        "url tutor:desk_withdraw": "tutor.mark_withdrawn",
        "url tutor:desk_run_apply": "tutor.proposals_applied",
        "url tutor:regrade": "tutor.regrade_read tutor.answer_read",
        "url tutor:regrade_reply": "tutor.regrade_answered",
        "url tutor:regrade_decide": "tutor.regrade_decided tutor.marked tutor.released",
        "url tutor:api_propose": "inference.model_call",
    },
    unrecorded={
        "url tutor:marking": "Counts of what is marked; no learner's name or words.",
        "url tutor:marking_assignment": "Counts of what is marked; no learner's name or words.",
        "url tutor:desk": "Leads to the first answer of a queue, which is recorded there.",
        "url tutor:desk_difference": "Points of proposals under pseudonyms; no learner's name or words.",
        "url tutor:regrades": "Which requests are open, under pseudonyms; reading one is recorded.",
        "task tutor.take_up": "Queues again what was recorded when it was asked for.",
        "url tutor:work_save": "Learners' own words while they type: the attempt's beginning is recorded, and its end.",
        "url tutor:start": "The search in it is recorded where it is made; the page reads nothing else.",
    },
)
