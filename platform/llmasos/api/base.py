"""What every view of the platform's API starts from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from llmasos.accounts.principals import Principal
from llmasos.api.authentication import ApiKeyAuthentication, HasScope, KeyThrottle
from llmasos.api.pagination import NumberedPages
from llmasos.api.problems import problem_response


class PlatformView(GenericAPIView[Any]):
    """A view for API keys: bearer authentication, scopes, rates, problem documents, numbered pages."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [KeyThrottle]
    pagination_class = NumberedPages
    required_scope: ClassVar[str | None] = None

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Any]:
        return problem_response

    def principal(self, request: Request) -> Principal:
        """Return who calls; permission has been checked."""
        principal = request.auth
        if not isinstance(principal, Principal):
            raise TypeError("a view of the platform's API ran without a principal")
        return principal
