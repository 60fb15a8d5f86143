"""The pages of the installation, in the order in which operators find them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class InstallationPage:
    """One page for operators."""

    label: str | Promise
    url_name: str

    @property
    def href(self) -> str:
        return reverse(self.url_name)


PAGES = (
    InstallationPage(_("Overview"), "console:platform"),
    InstallationPage(_("Queues"), "console:queues"),
    InstallationPage(_("Models"), "console:models"),
    InstallationPage(_("Requests"), "console:platform_requests"),
    InstallationPage(_("Usage"), "console:platform_usage"),
    InstallationPage(_("Organisations"), "console:organisations"),
    InstallationPage(_("Errors"), "console:platform_errors"),
    InstallationPage(_("Logs"), "console:logs"),
    InstallationPage(_("Storage"), "console:platform_storage"),
)
