from __future__ import annotations

from django.urls import path

from tutor.lti.views import arrival, courses, entry, registrations

BASE = "o/<slug:slug>/tutor/lti/"

urlpatterns = [
    path(f"{BASE}login/", entry.login, name="lti_login"),
    path(f"{BASE}launch/", entry.launch, name="lti_launch"),
    path(f"{BASE}keys/", entry.keys, name="lti_keys"),
    path(f"{BASE}arrive/", arrival.arrive, name="lti_arrive"),
    path(f"{BASE}connect/", arrival.connect, name="lti_connect"),
    path(f"{BASE}platforms/", registrations.platforms, name="lti_platforms"),
    path(f"{BASE}platforms/<uuid:platform_id>/", registrations.platform, name="lti_platform"),
    path(f"{BASE}platforms/<uuid:platform_id>/remove/", registrations.remove, name="lti_platform_remove"),
    path("o/<slug:slug>/tutor/courses/<uuid:course_id>/lti/", courses.course, name="lti_course"),
    path(f"{BASE}classes/<uuid:context_id>/members/", courses.members, name="lti_members"),
    path(f"{BASE}links/<uuid:link_id>/scores/", courses.scores, name="lti_scores"),
]
