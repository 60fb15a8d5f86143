"""A backend that says it is another organisation's machine, and keeps what reached it."""

from __future__ import annotations

import json
from typing import ClassVar

from llmasos.inference.backends.base import Completion, OnDetail, OnText, no_detail
from llmasos.inference.backends.echo import EchoBackend
from llmasos.inference.types import GenerationRequest


class OutsideBackend(EchoBackend):
    is_local = False
    received: ClassVar[list[str]] = []

    def generate(
        self, request: GenerationRequest, on_text: OnText, *, owner: str, on_detail: OnDetail = no_detail
    ) -> Completion:
        prompt = [request.prompt] if request.prompt is not None else [one.content for one in request.messages or ()]
        self.received.extend(text for text in prompt if text is not None)
        self.received.extend(json.dumps(tool) for tool in request.tools)
        return super().generate(request, on_text, owner=owner, on_detail=on_detail)


class UndeclaredBackend(EchoBackend):
    """Sends prompts away, whatever the catalogue says of it."""

    is_local = False
