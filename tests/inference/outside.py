"""A backend that says it is another organisation's machine, and keeps what reached it."""

from __future__ import annotations

from typing import ClassVar

from llmasos.inference.backends.base import Completion, OnText
from llmasos.inference.backends.echo import EchoBackend
from llmasos.inference.types import GenerationRequest


class OutsideBackend(EchoBackend):
    is_local = False
    received: ClassVar[list[str]] = []

    def generate(self, request: GenerationRequest, on_text: OnText, *, owner: str) -> Completion:
        prompt = [request.prompt] if request.prompt is not None else [one.content for one in request.messages or ()]
        self.received.extend(text for text in prompt if text is not None)
        return super().generate(request, on_text, owner=owner)


class UndeclaredBackend(EchoBackend):
    """Sends prompts away, whatever the catalogue says of it."""

    is_local = False
