"""The Python SDK: LLMasOS over HTTP. Needs httpx and nothing else of the platform."""

from __future__ import annotations

from llmasos.client.asynchronous import AsyncClient
from llmasos.client.blocking import Client
from llmasos.client.errors import (
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    InvalidRequestError,
    LLMasOSError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    StreamInterruptedError,
    UnavailableError,
    UnexpectedReplyError,
    WorkFailedError,
    WorkUnfinishedError,
)
from llmasos.client.results import ChatReply, Embeddings, Message, Model, Ranked, SearchHit, Usage
from llmasos.client.streams import AsyncStream, Stream
from llmasos.client.support import Answer, AnswerSentence, Citation
from llmasos.client.tutor import Criterion, CriterionProposal, GradedAnswer, Level, Neighbour, Proposal

__all__ = [
    "APIStatusError",
    "Answer",
    "AnswerSentence",
    "AsyncClient",
    "AsyncStream",
    "AuthenticationError",
    "ChatReply",
    "Citation",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "Criterion",
    "CriterionProposal",
    "Embeddings",
    "GradedAnswer",
    "InvalidRequestError",
    "LLMasOSError",
    "Level",
    "Message",
    "Model",
    "Neighbour",
    "NotFoundError",
    "PermissionDeniedError",
    "Proposal",
    "Ranked",
    "RateLimitError",
    "RequestTimeoutError",
    "SearchHit",
    "ServerError",
    "Stream",
    "StreamInterruptedError",
    "UnavailableError",
    "UnexpectedReplyError",
    "Usage",
    "WorkFailedError",
    "WorkUnfinishedError",
]
