"""What applications ask: does a running grant give this principal access, and where is access asked?"""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from llmasos.accounts.principals import Principal
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass.errors import NotCoveredError
from llmasos.privacy.breakglass.queries import active_grant
from llmasos.privacy.breakglass.registry import covered_kind

# The purpose under which an application records what was read on the strength of a grant.
PURPOSE = "break-glass"


def may_ask(principal: Principal, kind: str) -> bool:
    """Say whether the principal could ask for access to subjects of ``kind``."""
    try:
        covered = covered_kind(kind)
    except NotCoveredError:
        return False
    return principal.kind == "person" and principal.id is not None and principal.has_role(*covered.roles)


def allows(principal: Principal, subject: Ref) -> bool:
    """Say whether a running grant gives the principal access; inside ``acting_in``.

    A grant counts for its person only, in its organisation, while the role that may ask is still held.
    """
    return may_ask(principal, subject.kind) and active_grant(principal, subject) is not None


def ask_address(slug: str, subject: Ref, next_path: str = "") -> str:
    """Return the address of the page where access is asked; the person comes back to ``next_path``."""
    query = {"subject": f"{subject.kind}:{subject.id}"} | ({"next": next_path} if next_path else {})
    return f"{reverse('breakglass:ask', kwargs={'slug': slug})}?{urlencode(query)}"
