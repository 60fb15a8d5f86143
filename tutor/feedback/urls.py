from __future__ import annotations

from django.urls import path

from tutor.feedback import views

BASE = "o/<slug:slug>/tutor/marking/"

urlpatterns = [
    path(f"{BASE}questions/<uuid:question_id>/drafts/", views.ask_drafts, name="drafts_ask"),
    path(f"{BASE}questions/<uuid:question_id>/drafts/stop/", views.stop, name="drafts_stop"),
    path(f"{BASE}questions/<uuid:question_id>/comments/", views.comments, name="comments"),
    path(f"{BASE}answers/<uuid:answer_id>/comments/", views.offered, name="answer_comments"),
    path(f"{BASE}comments/<uuid:comment_id>/", views.comment, name="comment"),
    path(f"{BASE}comments/<uuid:comment_id>/use/", views.use, name="comment_use"),
]
