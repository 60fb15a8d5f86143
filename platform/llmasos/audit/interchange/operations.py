"""What an action of the log is to other systems: a create, a read, a query, a sign-in ..."""

from __future__ import annotations

from collections.abc import Mapping

from llmasos.audit.registry import Operation, actions

_WORDS: Mapping[Operation, str] = {
    "create": "add added create created import imported invited made opened placed proposed recorded started stored",
    "read": "inspected opened previewed read shown viewed",
    "query": "find list listed search searched",
    "update": (
        "accepted activated administered applied assigned change changed closed configured corrected deactivated ended"
        " extended given granted invalidated lifted paused published rated reactivated rejected released reset restore"
        " restored resumed retired retried retry reviewed revoked rewrapped rotated set signed taken updated withdrawn"
    ),
    "delete": "delete deleted destroyed discarded dropped erased expired purged removed",
    "execute": (
        "announced asked began calibrated call called cancel cancelled checked completed continued decided decision"
        " delivered denied evaluated failed handed measured moved proved refused requested run sent trained used"
        " verified"
    ),
    "disclose": "disclosed download downloaded exported",
    "sign_in": "sign_in sign_in_failed signed_in",
    "sign_out": "signed_out",
}
_OPERATIONS: dict[str, Operation] = {word: operation for operation, words in _WORDS.items() for word in words.split()}


def known_operation(code: str) -> Operation | None:
    """Return what the action's package says it is, else what its words say; None where neither does."""
    action = actions().get(code)
    if action is not None and action.operation is not None:
        return action.operation
    name = code.rpartition(".")[2]
    words = name.split("_")
    for word in (name, *reversed(words)):
        if word in _OPERATIONS:
            return _OPERATIONS[word]
    return None


def operation_of(code: str) -> Operation:
    """Return what the action is; "execute" for one whose package is gone and whose words say nothing."""
    return known_operation(code) or "execute"
