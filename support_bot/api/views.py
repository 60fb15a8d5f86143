"""One question, one answer, for programs: the way of the widget without a conversation that is kept."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from llmasos.api.base import PlatformView
from llmasos.api.views import PROBLEMS, collections_named
from support_bot import asking
from support_bot.api.serializers import AskRequestSerializer, AskResponseSerializer


class AskView(PlatformView):
    """Answer a question from the organisation's knowledge."""

    required_scope = "search"
    serializer_class = AskRequestSerializer

    @extend_schema(
        operation_id="support_ask",
        summary="Answer a question from the knowledge",
        request=AskRequestSerializer,
        responses={200: AskResponseSerializer, **PROBLEMS},
        tags=["support"],
    )
    def post(self, request: Request) -> Response:
        """Answer a question with quotations and checked sentences, each with its passage, or say that nothing fits.

        Nothing is kept as a conversation. A key without the scope "generate" gets quotations alone.
        """
        wanted = AskRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        principal, asked = self.principal(request), wanted.validated_data
        answer = asking.ask(
            principal,
            asked["question"],
            collection_ids=list(collections_named(principal, asked.get("collections"))),
            earlier=[(one["role"], one["content"]) for one in asked.get("earlier", ())],
            language=asked["language"],
        )
        return Response(AskResponseSerializer(answer).data)
