"""What the design system records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={"url ui:search": "accounts.people_listed"},
    unrecorded={
        "url ui:home": "Shows the way into rooms; reads the visitor's own roles only.",
        "url ui:organisation": "Shows the way into rooms; reads the visitor's own roles only.",
        "url ui:theme": "Keeps a choice of colours in a cookie.",
        "url ui:language": "Keeps a choice of language in a cookie.",
        "url ui:manifest": "Describes the site to a browser; the same for everybody.",
        "url ui:service_worker": "A script; the same for everybody.",
        "url ui:icon": "A picture; the same for everybody.",
    },
)
