"""Every door of the platform records what goes through it, or says why it does not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from llmasos import celery
from llmasos.accounts.administration import AdministrationSite
from llmasos.audit.coverage import recorded, unrecorded
from llmasos.audit.registry import actions
from llmasos.runtime import locations

# The names that people and packages of ours carry.
OURS = ("llmasos.", "support_bot", "tutor", "clinical_assist")


def _addresses(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            # The raw data pages are recorded by their site, whatever they are.
            if inner != "admin:":
                yield from _addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"url {namespace}{pattern.name or pattern.pattern}"


def _services() -> Iterator[str]:
    for package in [config.name for config in apps.get_app_configs() if config.name.startswith(OURS)]:
        try:
            top = importlib.import_module(f"{package}.services")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.services":
                raise
            continue
        below = pkgutil.iter_modules(getattr(top, "__path__", []))
        for module in (top, *(importlib.import_module(f"{top.__name__}.{one.name}") for one in below)):
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if not name.startswith("_") and function.__module__ == module.__name__:
                    yield f"service {module.__name__}.{name}"


def _tasks() -> Iterator[str]:
    celery.app.autodiscover_tasks(force=True)
    return (f"task {name}" for name in celery.app.tasks if not name.startswith("celery."))


def test_every_address_service_and_task_is_registered() -> None:
    doors = {*_addresses(get_resolver()), *_services(), *_tasks()}
    assert sorted(doors - recorded().keys() - unrecorded().keys()) == []


def test_nothing_is_registered_that_does_not_exist() -> None:
    doors = {*_addresses(get_resolver()), *_services(), *_tasks()}
    assert sorted((recorded().keys() | unrecorded().keys()) - doors) == []


def test_every_administration_page_is_on_the_site_that_records() -> None:
    assert isinstance(admin.site, AdministrationSite)
    assert {type(one.admin_site) for one in admin.site._registry.values()} <= {AdministrationSite}


def test_every_action_that_a_door_names_is_registered_and_recorded_somewhere() -> None:
    named = {action for its in recorded().values() for action in its}
    root = locations.repository_root()
    sources = [
        path.read_text(encoding="utf-8")
        for folder in (root / "platform", root / "support_bot", root / "tutor", root / "clinical_assist")
        for path in folder.rglob("*.py")
        if path.name not in {"apps.py", "records.py"}
    ]
    written = {code for source in sources for code in re.findall(r'"([a-z_]+\.[a-z_]+)"', source)}
    assert named - actions().keys() == set()
    assert named - written == set()
