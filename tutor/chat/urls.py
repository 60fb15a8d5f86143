from __future__ import annotations

from django.urls import path

from tutor.chat import views
from tutor.learning.urls import LEARN, LEARNER

CHAT = f"{LEARN}<uuid:course_id>/chat/"

urlpatterns = [
    path(CHAT, views.chat, name="chat"),
    path(f"{CHAT}turns/", views.turns, name="chat_turns"),
    path(f"{LEARNER}chat/", views.learner_chat, name="learner_chat"),
]
