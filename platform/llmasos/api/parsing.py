"""Bodies of requests to the platform's API."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class WholeTextParser(JSONParser):
    """JSON whose texts can be stored: its escapes can spell halves of characters, which UTF-8 cannot carry."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read()
        found = super().parse(io.BytesIO(raw), media_type, parser_context)
        if b"\\u" in raw:
            try:
                json.dumps(found, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                raise ParseError(
                    _("%(name)s holds half of a character (a lone surrogate).") % {"name": "JSON"}, "invalid_unicode"
                ) from None
        return found
