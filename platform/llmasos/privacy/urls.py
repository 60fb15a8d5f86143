from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.privacy.views import mine, processing, retention, work_list

app_name = "privacy"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/privacy/", mine.mine, name="mine"),
    path("o/<slug:slug>/privacy/mine/export", mine.export, name="my_export"),
    path("o/<slug:slug>/privacy/mine/ask", mine.ask, name="ask"),
    path("o/<slug:slug>/privacy/mine/withdraw", mine.withdraw, name="withdraw"),
    path("o/<slug:slug>/privacy/requests/", work_list.work_list, name="requests"),
    path("o/<slug:slug>/privacy/requests/take-down", work_list.take_down, name="take_down"),
    path("o/<slug:slug>/privacy/requests/<uuid:request_id>/", work_list.show, name="request"),
    path("o/<slug:slug>/privacy/requests/<uuid:request_id>/take-on", work_list.take_on, name="take_on"),
    path("o/<slug:slug>/privacy/requests/<uuid:request_id>/decide", work_list.decide, name="decide"),
    path("o/<slug:slug>/privacy/requests/<uuid:request_id>/note", work_list.note, name="note"),
    path("o/<slug:slug>/privacy/requests/<uuid:request_id>/export", work_list.export, name="request_export"),
    path("o/<slug:slug>/privacy/erasures/<uuid:erasure_id>/", work_list.erasure, name="erasure"),
    path("o/<slug:slug>/privacy/erasures/<uuid:erasure_id>/signed", work_list.signed_report, name="signed_report"),
    path("o/<slug:slug>/privacy/retention/", retention.retention, name="retention"),
    path("o/<slug:slug>/privacy/retention/period", retention.set_period, name="set_period"),
    path("o/<slug:slug>/privacy/retention/holds", retention.place_hold, name="place_hold"),
    path("o/<slug:slug>/privacy/retention/holds/<uuid:hold_id>/lift", retention.lift_hold, name="lift_hold"),
    path("o/<slug:slug>/privacy/processing/", processing.processing, name="processing"),
]
