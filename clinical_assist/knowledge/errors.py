from __future__ import annotations


class KnowledgeError(Exception):
    """A knowledge base cannot be read or is not consistent; the message names the place and what is wrong."""
