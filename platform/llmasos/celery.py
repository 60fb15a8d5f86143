"""The Celery application: short tasks that admit work; tokens never travel through it."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmasos.settings")

app = Celery("llmasos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
