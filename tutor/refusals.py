"""What the tutor's pages answer when something is not there for the principal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse

from llmasos.accounts.permissions import MemberRequest

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]


def known_only(view: View[P]) -> View[P]:
    """Answer 404 for what the principal may not know of."""

    @wraps(view)
    def wrapper(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist:
            raise Http404 from None

    return cast("View[P]", wrapper)
