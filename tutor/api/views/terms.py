"""Terms of the organisation."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from tutor.api.base import TutorView, described
from tutor.api.serializers.courses import TermSerializer
from tutor.courses import terms

EXAMPLE = {"name": "Spring 2027", "starts_on": "2027-02-01", "ends_on": "2027-07-15"}


class TermsView(TutorView):
    @described("tutor_terms", gives=TermSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the terms, the latest first."""
        return self.paged(TermSerializer, terms.terms(self.principal(request)))

    @described("tutor_term_add", takes=TermSerializer, gives=TermSerializer, status=201, example=EXAMPLE)
    def post(self, request: Request) -> Response:
        """Make a term."""
        made = terms.save_term(self.principal(request), self.taken(TermSerializer))
        return self.shown(TermSerializer, made, status=201)


class TermView(TutorView):
    @described(
        "tutor_term_change", takes=TermSerializer(partial=True), gives=TermSerializer, example={"name": "Summer 2027"}
    )
    def patch(self, request: Request, term_id: UUID) -> Response:
        """Change a term; fields left out stay."""
        principal = self.principal(request)
        values = self.taken(TermSerializer, instance=terms.term_of(principal, term_id))
        return self.shown(TermSerializer, terms.save_term(principal, values, term_id=term_id))

    @described("tutor_term_delete", status=204)
    def delete(self, request: Request, term_id: UUID) -> Response:
        """Delete a term in which nothing is taught."""
        terms.delete_term(self.principal(request), term_id)
        return Response(status=204)
