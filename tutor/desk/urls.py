from __future__ import annotations

from django.urls import path

from tutor.desk.views import desk, marks, overview, release, runs, second

BASE = "o/<slug:slug>/tutor/marking/"
ASSIGNMENT = f"{BASE}assignments/<uuid:assignment_id>/"
ANSWER = f"{BASE}answers/<uuid:answer_id>/"
RUN = f"{BASE}runs/<uuid:run_id>/"
REGRADE = f"{BASE}regrades/<uuid:request_id>/"

urlpatterns = [
    path(BASE, overview.marking, name="marking"),
    path(ASSIGNMENT, overview.assignment, name="marking_assignment"),
    path(f"{ASSIGNMENT}proposals/", overview.ask_proposals, name="marking_propose"),
    path(f"{ASSIGNMENT}release/", release.release, name="release"),
    path(f"{ASSIGNMENT}release/<uuid:batch>/withdraw/", release.withdraw_batch, name="release_withdraw"),
    path(f"{BASE}questions/<uuid:question_id>/", desk.desk, name="desk"),
    path(ANSWER, desk.answer, name="desk_answer"),
    path(f"{ANSWER}mark/", marks.give_mark, name="desk_mark"),
    path(f"{ANSWER}lock/", marks.lock, name="desk_lock"),
    path(f"{ANSWER}reveal/", marks.reveal, name="desk_reveal"),
    path(f"{BASE}marks/<uuid:mark_id>/withdraw/", marks.withdraw_mark, name="desk_withdraw"),
    path(RUN, runs.difference, name="desk_difference"),
    path(f"{RUN}apply/", runs.apply_run, name="desk_run_apply"),
    path(f"{BASE}regrades/", second.regrades, name="regrades"),
    path(REGRADE, second.regrade, name="regrade"),
    path(f"{REGRADE}reply/", second.reply, name="regrade_reply"),
    path(f"{REGRADE}decide/", second.decide, name="regrade_decide"),
]
