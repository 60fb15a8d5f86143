"""LLMasOS: language-model applications on an organisation's own machines.

For programs that use a server, this package is the SDK:

    import llmasos

    client = llmasos.Client()
    print(client.generate_text("Name three colours."))

The names are loaded on first use, so that the server's own processes do not load an HTTP client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmasos.client import (
        Answer,
        AnswerSentence,
        APIStatusError,
        AsyncClient,
        AsyncStream,
        AuthenticationError,
        ChatReply,
        Citation,
        Client,
        ConfigurationError,
        ConflictError,
        ConnectionFailedError,
        Criterion,
        CriterionProposal,
        Embeddings,
        GradedAnswer,
        InvalidRequestError,
        Level,
        LLMasOSError,
        Message,
        Model,
        Neighbour,
        NotFoundError,
        PermissionDeniedError,
        Proposal,
        Ranked,
        RateLimitError,
        RequestTimeoutError,
        SearchHit,
        ServerError,
        Stream,
        StreamInterruptedError,
        UnavailableError,
        UnexpectedReplyError,
        Usage,
        WorkFailedError,
        WorkUnfinishedError,
    )

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


def __getattr__(name: str) -> object:
    if name in __all__:
        from llmasos import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
