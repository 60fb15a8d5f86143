"""Filtering by what is encrypted, for django-filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import django_filters
from django.db import models
from django.http import HttpRequest

from llmasos.vault.blind import found_by


class BlindIndexFilter(django_filters.CharFilter):  # type: ignore[misc]  # it has no types
    """Finds rows through the blind index ``field_name``; ``organisation_of`` tells whose rows a request is about."""

    def __init__(self, *, organisation_of: Callable[[HttpRequest], UUID], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._organisation_of = organisation_of

    def filter(self, qs: models.QuerySet[Any], value: str) -> models.QuerySet[Any]:
        if not value:
            return qs
        organisation_id = self._organisation_of(self.parent.request)
        condition = found_by(qs.model, self.field_name, organisation_id=organisation_id, text=value)
        return qs.exclude(condition) if self.exclude else qs.filter(condition)
