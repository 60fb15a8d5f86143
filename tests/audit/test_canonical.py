from __future__ import annotations

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from llmasos.audit import canonical

TOKENS = st.text(alphabet="abcXYZ019._:/+=-", max_size=20)
DIGESTS = st.dictionaries(
    TOKENS,
    st.recursive(
        TOKENS | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TOKENS, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


def _document(digests: dict[str, Any], text: str = "") -> canonical.Document:
    names = "actor_kind actor_id actor_role action subject_kind subject_id object_kind object_id"
    blank = dict.fromkeys(names.split(), text)
    return canonical.document(
        **blank,
        id=str(uuid4()),
        organisation=str(uuid4()),
        purpose=text,
        outcome=text,
        recorded_at=text,
        request_id=text,
        digests=digests,
    )


@given(DIGESTS, st.text(max_size=10))
def test_the_quick_digest_is_the_one_of_rfc_8785(digests: dict[str, Any], text: str) -> None:
    document = _document(digests, text)
    assert canonical.quick_entry_digest(document) == canonical.entry_digest(document)
