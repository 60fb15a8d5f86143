"""Addresses of plans, of the figures of rules, and of order sets."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.ordersets import views as order_sets
from clinical_assist.plans import views
from clinical_assist.plans.rules import views as rules

_PLAN = "o/<slug:slug>/clinical/encounters/<uuid:encounter_id>/plan/"

urlpatterns: list[URLPattern] = [
    path(_PLAN, views.plan, name="plan"),
    path(f"{_PLAN}act/", views.plan_act, name="plan_act"),
    path(f"{_PLAN}sign/", views.plan_sign, name="plan_sign"),
    path("o/<slug:slug>/clinical/oversight/rules/", rules.overrides, name="rule_overrides"),
    path("o/<slug:slug>/clinical/oversight/ordersets/", order_sets.curate, name="ordersets_curate"),
]
