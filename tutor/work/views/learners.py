"""Pages for those who have a place among the learners, not only the role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpResponse
from django.shortcuts import render

from llmasos.accounts.permissions import MemberRequest
from tutor.permissions import learner_of

P = ParamSpec("P")


def learners_only(
    view: Callable[Concatenate[Any, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Tell a student whom no course knows yet what to do, in place of the page."""

    @wraps(view)
    def wrapper(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if learner_of(request.principal) is None:
            return render(request, "tutor/work/no_learner.html", status=200 if request.method == "GET" else 403)
        return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[MemberRequest, P], HttpResponse]", wrapper)
