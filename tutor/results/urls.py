from __future__ import annotations

from django.urls import path

from tutor.results import views

BASE = "o/<slug:slug>/tutor/results/"

urlpatterns = [
    path(BASE, views.childrens_results, name="childrens_results"),
    path(f"{BASE}<uuid:submission_id>/", views.results, name="results"),
    path(f"{BASE}<uuid:submission_id>/answers/<uuid:answer_id>/regrade/", views.ask_regrade, name="ask_regrade"),
    path(f"{BASE}<uuid:submission_id>/regrades/<uuid:request_id>/", views.reply_regrade, name="reply_regrade"),
    path(
        f"{BASE}<uuid:submission_id>/regrades/<uuid:request_id>/take-back/",
        views.take_back_regrade,
        name="take_back_regrade",
    ),
]
