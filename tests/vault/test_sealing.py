from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from llmasos.vault.errors import DecryptionError, UnknownKeyError
from llmasos.vault.sealing import read_key_id, seal, unseal


@given(st.binary(max_size=2_000), st.text(max_size=40))
def test_what_was_sealed_opens_in_its_context(plaintext: bytes, context: str) -> None:
    assert unseal(seal(plaintext, context=context), context=context) == plaintext


def test_another_context_does_not_open() -> None:
    with pytest.raises(DecryptionError):
        unseal(seal(b"secret", context="run/1"), context="run/2")


def test_another_use_does_not_open() -> None:
    with pytest.raises(DecryptionError):
        unseal(seal(b"secret", context="x", use="field"), context="x")


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_a_flipped_bit_does_not_open(position: int) -> None:
    blob = bytearray(seal(b"secret text", context="x"))
    blob[position] ^= 1
    with pytest.raises((DecryptionError, UnknownKeyError)):
        unseal(bytes(blob), context="x")


@pytest.mark.parametrize("blob", [b"", b"\x01", b"plain text that is no sealed value", b"\x01\xff" + b"k" * 60])
def test_what_was_never_sealed_is_refused(blob: bytes) -> None:
    with pytest.raises(DecryptionError):
        unseal(blob, context="x")


def test_retired_keys_still_open_and_new_values_name_the_new_key(settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = {"old": b"o" * 32}
    settings.KEY_ENCRYPTION_KEY_ID = "old"
    before = seal(b"secret", context="x")
    settings.KEY_ENCRYPTION_KEYS = {"old": b"o" * 32, "new": b"n" * 32}
    settings.KEY_ENCRYPTION_KEY_ID = "new"
    assert unseal(before, context="x") == b"secret"
    assert read_key_id(seal(b"secret", context="x")) == b"new"


def test_a_key_that_this_process_lacks_is_named_as_missing(settings: Settings) -> None:
    blob = seal(b"secret", context="x")
    settings.KEY_ENCRYPTION_KEYS = {"other": b"n" * 32}
    with pytest.raises(UnknownKeyError):
        unseal(blob, context="x")
