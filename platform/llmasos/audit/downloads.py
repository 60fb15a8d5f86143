"""An export as an answer of the web server, sent while it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import islice

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse

from llmasos.audit.exports import Export

_PIECES = 500


def download(export: Export) -> StreamingHttpResponse:
    """Return the export as a file to keep."""
    response = StreamingHttpResponse(_blocks(export.pieces), content_type=export.content_type)
    response["Content-Disposition"] = f'attachment; filename="{export.name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _blocks(pieces: Iterator[str]) -> AsyncIterator[bytes]:
    read = sync_to_async(_block)
    while block := await read(pieces):
        yield block


def _block(pieces: Iterator[str]) -> bytes:
    block = "".join(islice(pieces, _PIECES)).encode()
    # A slow reader must not hold a connection of the pool between two blocks.
    if not connection.in_atomic_block:
        connection.close()
    return block
