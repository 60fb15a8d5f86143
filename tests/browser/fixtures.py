"""What the fixtures are, in types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from playwright.sync_api import BrowserContext, Page

from llmasos.accounts.models import Person

Axe: TypeAlias = Callable[[Page], None]
Looks: TypeAlias = Callable[[Page], None]
Cast: TypeAlias = dict[str, Person]
NewContext: TypeAlias = Callable[..., BrowserContext]
SignIn: TypeAlias = Callable[[Page, Person], None]
