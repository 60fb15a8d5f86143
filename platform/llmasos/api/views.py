"""The platform's own API, and the page that documents it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.api.base import PlatformView
from llmasos.api.problems import CONTENT_TYPE
from llmasos.api.serializers import ProblemSerializer, SearchRequestSerializer, SearchResponseSerializer
from llmasos.retrieval import queries
from llmasos.retrieval.results import Hit

PROBLEM = OpenApiResponse(ProblemSerializer, description="What is wrong, and what to do.")
PROBLEMS = {(status, CONTENT_TYPE): PROBLEM for status in (400, 401, 403, 404, 405, 415, 429, 503)}


class SearchView(PlatformView):
    """Find passages in the organisation's knowledge."""

    required_scope = "search"
    serializer_class = SearchRequestSerializer

    @extend_schema(
        operation_id="search",
        request=SearchRequestSerializer,
        responses={200: SearchResponseSerializer, **PROBLEMS},
        tags=["knowledge"],
    )
    def post(self, request: Request) -> Response:
        """Find the passages that fit a question best, in some or all collections."""
        wanted = SearchRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        principal = self.principal(request)
        names = collections_named(principal, wanted.validated_data.get("collections"))
        if not names:
            return Response({"hits": []})
        found = queries.search(
            principal,
            collection_ids=list(names),
            query=wanted.validated_data["query"],
            k=wanted.validated_data["k"],
        )
        return Response({"hits": [_hit(hit, names) for hit in found.hits]})


def documentation(request: HttpRequest) -> HttpResponse:
    """Show the schema with a form for each operation; its scripts come from this server."""
    return render(request, "api/documentation.html")


def collections_named(principal: Principal, wanted: Sequence[str] | None) -> Mapping[UUID, str]:
    """Return ids and names of the wanted collections, each given by name or id; all where none is named.

    Raises NotFound for one that is not there, or that the caller may not read.
    """
    with acting_in(principal.organisation_id):
        present = dict(queries.collections(principal).values_list("pk", "name"))
    if wanted is None:
        return present
    by_name = {name: identifier for identifier, name in present.items()}
    chosen: dict[UUID, str] = {}
    for given in wanted:
        identifier = by_name.get(given) or _as_uuid(given)
        if identifier is None or identifier not in present:
            raise exceptions.NotFound(_("There is no collection %(name)s.") % {"name": given})
        chosen[identifier] = present[identifier]
    return chosen


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _hit(hit: Hit, names: Mapping[UUID, str]) -> dict[str, object]:
    return {
        "title": hit.title,
        "text": hit.text,
        "url": hit.url,
        "score": hit.score,
        "heading_path": list(hit.heading_path),
        "external_id": hit.external_id,
        "document_id": str(hit.document_id),
        "chunk_id": str(hit.chunk_id),
        "collection": names[hit.collection_id],
        "position": hit.position,
        "dense": hit.dense,
        "lexical": hit.lexical,
    }
