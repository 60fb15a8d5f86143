"""How lists of the platform's API are cut into pages."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination, PageNumberPagination


class NumberedPages(PageNumberPagination):
    """For lists that people leaf through: `page` and `page_size`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"


class NewestFirst(CursorPagination):
    """For lists that grow while they are read: a cursor, which skips and repeats nothing."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = ("-created_at", "pk")
