"""Reading documents: bytes of a known kind become a title and sections with heading paths."""

from __future__ import annotations

from llmasos.retrieval.parsing.reading import MEDIA_TYPES, media_type_of, read
from llmasos.retrieval.parsing.types import ParsedDocument, Section, UnreadableError

__all__ = ["MEDIA_TYPES", "ParsedDocument", "Section", "UnreadableError", "media_type_of", "read"]
