"""Marks for loose answers in one call: nothing is stored, nobody's course is touched, and a person decides."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from llmasos.api.base import PlatformView
from llmasos.api.views import PROBLEMS
from tutor import loose_answers
from tutor.api.serializers.loose import ProposeRequestSerializer, ProposeResponseSerializer
from tutor.permissions import SCOPE


class ProposeView(PlatformView):
    """Propose marks for loose answers."""

    required_scope = SCOPE
    serializer_class = ProposeRequestSerializer

    @extend_schema(
        operation_id="tutor_propose",
        summary="Propose a mark for each of some loose answers",
        request=ProposeRequestSerializer,
        responses={200: ProposeResponseSerializer, **PROBLEMS},
        tags=["tutor"],
    )
    def post(self, request: Request) -> Response:
        """Propose a mark for each answer, with its evidence and an honest confidence. Nothing is stored."""
        asked = ProposeRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(loose_answers.propose(self.principal(request), asked.validated_data))
