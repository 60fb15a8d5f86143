"""What runs by the clock."""

from __future__ import annotations

from celery.schedules import crontab

from llmasos.settings.applications import LLMASOS_APPLICATIONS
from llmasos.settings.log import AUDIT_FORWARD_TO

# Those of each second are handed out when they have something to do.
CELERY_BEAT_SCHEDULER = "llmasos.runtime.clock:Clock"
CELERY_BEAT_SCHEDULE = {
    "sequence the audit log": {
        "task": "audit.sequence",
        "schedule": 1.0,
        "options": {"queue": "control", "expires": 5},
    },
    "sign checkpoints of the audit log": {
        "task": "audit.checkpoint",
        "schedule": 1.0,
        "options": {"queue": "checkpoints", "expires": 5},
    },
    "end or re-queue runs whose lease lapsed": {
        "task": "inference.expire_runs",
        "schedule": 1.0,
        "options": {"queue": "control", "expires": 5},
    },
    "announce emergency access that was not announced": {
        "task": "breakglass.announce",
        "schedule": 60.0,
        "options": {"queue": "jobs", "expires": 60},
    },
    "take up erasures whose worker was lost": {
        "task": "privacy.take_up",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    },
    "remove what is older than its period": {
        "task": "privacy.expire",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"queue": "jobs", "expires": 20 * 3600},
    },
    "compute every log anew and compare": {
        "task": "console.check_logs",
        "schedule": crontab(hour="4", minute="7"),
        "options": {"queue": "jobs", "expires": 20 * 3600},
    },
    "take up imports whose worker was lost": {
        "task": "retrieval.take_up",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    },
}

if AUDIT_FORWARD_TO:
    CELERY_BEAT_SCHEDULE["forward the audit log"] = {
        "task": "audit_forwarding.forward",
        "schedule": 5.0,
        "options": {"queue": "jobs", "expires": 5},
    }

if "tutor" in LLMASOS_APPLICATIONS:
    CELERY_BEAT_SCHEDULE["hand in work whose time is over"] = {
        "task": "tutor.close_due_work",
        "schedule": 30.0,
        "options": {"queue": "control", "expires": 30},
    }
    CELERY_BEAT_SCHEDULE["take up mastery and advice that wait"] = {
        "task": "tutor.take_up_learning",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    }
    CELERY_BEAT_SCHEDULE["take up the marking work of lost workers"] = {
        "task": "tutor.take_up",
        "schedule": 30.0,
        "options": {"queue": "control", "expires": 30},
    }

if "clinical_assist" in LLMASOS_APPLICATIONS:
    CELERY_BEAT_SCHEDULE["take up the imports of lost workers"] = {
        "task": "clinical.take_up",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    }
