from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog


@dataclass
class WrittenLog:
    """What the configured handler writes down, exactly as an operator reads it."""

    stream: io.StringIO

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def written_log() -> Iterator[WrittenLog]:
    handler = next(
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler)
        and isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    )
    log = WrittenLog(io.StringIO())
    before = handler.setStream(log.stream)
    yield log
    handler.setStream(before)
