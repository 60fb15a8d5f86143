from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from support_bot import views
from support_bot.api import views as api
from support_bot.demo import views as demo
from support_bot.widget import frame, my_data
from support_bot.widget import views as widget

app_name = "support_bot"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/support/ask", api.AskView.as_view(), name="api_ask"),
    path("widget/<str:site_key>/", frame.frame, name="frame"),
    path("widget/<str:site_key>/session", widget.session, name="session"),
    path("widget/<str:site_key>/messages", widget.post_message, name="messages"),
    path("widget/<str:site_key>/messages/<uuid:message_id>/feedback", widget.feedback, name="feedback"),
    path("widget/<str:site_key>/conversation", widget.conversation, name="history"),
    path("widget/<str:site_key>/my-data", my_data.my_data, name="my_data"),
    path("widget/<str:site_key>/retry", widget.retry, name="retry"),
    path("widget/<str:site_key>/runs/<uuid:run_id>/events", widget.events, name="events"),
    path("widget/<str:site_key>/runs/<uuid:run_id>/cancel", widget.cancel, name="cancel"),
    path("o/<slug:slug>/support/", views.conversations, name="conversations"),
    path("o/<slug:slug>/support/conversations/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("o/<slug:slug>/support/unanswered/", views.unanswered, name="unanswered"),
    path("o/<slug:slug>/support/sites/", views.sites, name="sites"),
    path("o/<slug:slug>/support/sites/add/", views.add_site, name="add_site"),
    path("o/<slug:slug>/support/sites/<uuid:site_id>/", views.site, name="site"),
    path("demo/shop/", demo.shop, name="demo_shop"),
    path("demo/shop/help/", demo.help_index, name="demo_help"),
    path("demo/shop/help/<slug:name>/", demo.help_article, name="demo_article"),
]
