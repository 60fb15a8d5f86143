"""What every view of the tutor's API starts from, and how its operations are described."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from llmasos.accounts.permissions import record_denial
from llmasos.accounts.tenancy import acting_in
from llmasos.api.base import PlatformView
from llmasos.api.problems import CONTENT_TYPE, problem_response
from llmasos.api.repeating import HEADER, once
from llmasos.api.views import PROBLEM, PROBLEMS
from tutor.appeals.errors import AppealError
from tutor.authoring.errors import AuthoringError
from tutor.courses.errors import CourseError
from tutor.interchange.problems import UnreadableFileError
from tutor.marking.errors import MarkingError, MarksScopeError, PersonNeededError
from tutor.permissions import SCOPE
from tutor.work.errors import InvalidAnswerError

Method = TypeVar("Method", bound=Callable[..., Response])
Shape = type[BaseSerializer[Any]] | BaseSerializer[Any]


class RefusedError(exceptions.APIException):
    """What is asked for does not fit what is there; ``code`` names the reason."""

    status_code = 409
    default_code = "refused"


class Window:
    """Rows that a query gives page by page: how many there are, and ``fetch(start, size)``."""

    def __init__(self, count: int, fetch: Callable[[int, int], Sequence[Any]]) -> None:
        self._count, self._fetch = count, fetch

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, span: slice) -> Sequence[Any]:
        return self._fetch(span.start, span.stop - span.start)


class TutorView(PlatformView):
    """A view for keys with the scope "tutor": one transaction in the key's organisation, repeatable writes."""

    required_scope = SCOPE
    filter_backends = [DjangoFilterBackend]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the handler of the request run inside the organisation, once whose key it is has been found out."""
        super().initial(request, *args, **kwargs)
        name = str(request.method).lower()
        if name in self.http_method_names and hasattr(self, name):
            setattr(self, name, partial(self._inside, getattr(self, name)))

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return _problem

    def shown(self, shape: type[BaseSerializer[Any]], rows: Any, *, many: bool = False, status: int = 200) -> Response:
        """Answer with what a serializer makes of rows."""
        return Response(shape(rows, many=many, context=self.get_serializer_context()).data, status=status)

    def paged(self, shape: type[BaseSerializer[Any]], rows: Any) -> Response:
        """Answer with a page of rows."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(shape(page, many=True, context=self.get_serializer_context()).data)

    def taken(self, shape: type[BaseSerializer[Any]], *, instance: Any = None) -> Any:
        """Return what was sent, checked; for an ``instance``, only the fields that were sent."""
        given = shape(
            instance, data=self.request.data, partial=instance is not None, context=self.get_serializer_context()
        )
        given.is_valid(raise_exception=True)
        return given.validated_data

    def _inside(self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
        principal = self.principal(request)
        with acting_in(principal.organisation_id):
            if request.method in SAFE_METHODS:
                return handler(request, *args, **kwargs)
            return once(request, principal, lambda: handler(request, *args, **kwargs))


def described(
    name: str,
    *,
    takes: Shape | None = None,
    gives: Any = None,
    status: int = 200,
    example: Mapping[str, Any] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[Method], Method]:
    """Describe an operation: its docstring's first line is the summary, and every problem has its form.

    A write may carry an idempotency key. ``example`` is a body that the operation takes.
    """

    def decorate(method: Method) -> Method:
        summary, _blank, rest = (inspect.getdoc(method) or "").partition("\n")
        is_write = method.__name__.upper() not in SAFE_METHODS
        found = gives if isinstance(gives, dict) else {status: gives or OpenApiResponse(description="Done.")}
        conflict = {(409, CONTENT_TYPE): PROBLEM} if is_write else {}
        described_method: Method = extend_schema(
            operation_id=name,
            summary=summary.rstrip("."),
            description=rest.strip() or summary,
            request=takes,
            responses={**found, **PROBLEMS, **conflict},
            parameters=[*parameters, *([_KEY] if is_write else [])],
            examples=[OpenApiExample("Example", value=example, request_only=True)] if example is not None else None,
            tags=["tutor"],
        )(method)
        return described_method

    return decorate


_KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A name of your own for this write. Sent again within a day, it has one effect and one reply.",
)


def _problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Put what the services refuse into the problem documents of the API; a denial is recorded."""
    if isinstance(error, PermissionDenied):
        request = context["request"]
        record_denial(request, request.auth)
    return problem_response(_translated(error), context)


def _translated(error: Exception) -> Exception:
    if isinstance(error, MarksScopeError):
        return exceptions.PermissionDenied(str(error), "scope_needed")
    if isinstance(error, PersonNeededError):
        return exceptions.PermissionDenied(str(error), "person_needed")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, ObjectDoesNotExist):
        return exceptions.NotFound(_("There is nothing under this address."))
    if isinstance(error, MarkingError):
        return RefusedError(str(error), error.code)
    if isinstance(error, CourseError | AuthoringError | AppealError):
        return RefusedError(str(error))
    if isinstance(error, UnreadableFileError):
        return exceptions.ValidationError({"file": str(error)}, "unreadable")
    if isinstance(error, InvalidAnswerError):
        return exceptions.ValidationError({"answers": _("An answer does not fit its question.")}, error.code)
    return error
