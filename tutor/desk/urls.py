from __future__ import annotations

from django.urls import path

from tutor.desk.views import desk, finals, groups, marks, overview, release, runs, second

BASE = "o/<slug:slug>/tutor/marking/"
ASSIGNMENT = f"{BASE}assignments/<uuid:assignment_id>/"
QUESTION = f"{BASE}questions/<uuid:question_id>/"
GROUP = f"{BASE}groups/<uuid:group_id>/"
ANSWER = f"{BASE}answers/<uuid:answer_id>/"
RUN = f"{BASE}runs/<uuid:run_id>/"
REGRADE = f"{BASE}regrades/<uuid:request_id>/"

urlpatterns = [
    path(BASE, overview.marking, name="marking"),
    path(ASSIGNMENT, overview.assignment, name="marking_assignment"),
    path(f"{ASSIGNMENT}proposals/", overview.ask_proposals, name="marking_propose"),
    path(f"{ASSIGNMENT}release/", release.release, name="release"),
    path(f"{ASSIGNMENT}release/<uuid:batch>/withdraw/", release.withdraw_batch, name="release_withdraw"),
    path(QUESTION, desk.desk, name="desk"),
    path(f"{QUESTION}groups/", groups.groups, name="desk_groups"),
    path(f"{QUESTION}groups/make/", groups.make_groups, name="desk_groups_make"),
    path(f"{QUESTION}groups/merge/", groups.merge, name="desk_groups_merge"),
    path(f"{QUESTION}confirm/", groups.confirm, name="desk_confirm"),
    path(f"{QUESTION}confirm/apply/", groups.confirm_apply, name="desk_confirm_apply"),
    path(GROUP, groups.group, name="desk_group"),
    path(f"{GROUP}name/", groups.name, name="desk_group_name"),
    path(f"{GROUP}members/", groups.members, name="desk_group_members"),
    path(f"{GROUP}preview/", groups.preview, name="desk_group_preview"),
    path(f"{GROUP}apply/", groups.apply_group, name="desk_group_apply"),
    path(f"{BASE}acts/<uuid:act_id>/undo/", groups.undo_act, name="desk_act_undo"),
    path(ANSWER, desk.answer, name="desk_answer"),
    path(f"{ANSWER}mark/", marks.give_mark, name="desk_mark"),
    path(f"{ANSWER}final/", finals.final, name="desk_final"),
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
