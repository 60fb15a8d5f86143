"""Streams of any length closed by a passphrase, piece by piece, so that neither end holds them whole.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: each piece is bound to its
number and to whether it is the last, so that pieces cannot be swapped, left out or cut off unnoticed:

    magic, 8 bytes | salt, 16 bytes | pieces: ciphertext of 64 KiB (the last one shorter or empty) and tag
"""

from __future__ import annotations

import io
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from llmasos.vault import passphrases
from llmasos.vault.errors import DecryptionError

MAGIC = b"LLMASOS\x01"
PIECE_BYTES = 64 * 1024
_TAG_BYTES = 16


class SealingWriter(io.RawIOBase):
    """Writes sealed pieces to ``target``; :meth:`close` writes the last one and leaves the target open."""

    def __init__(self, target: BinaryIO, *, passphrase: str) -> None:
        super().__init__()
        salt = secrets.token_bytes(passphrases.SALT_BYTES)
        self._target, self._cipher = target, passphrases.cipher(passphrase, salt)
        self._waiting, self._number = bytearray(), 0
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        added = memoryview(data).tobytes()  # type: ignore[arg-type]  # any buffer
        self._waiting += added
        # The last piece must be known as such, so that one is always kept back.
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return len(added)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
        super().close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, MAGIC))
        self._number += 1


class OpeningReader(io.RawIOBase):
    """Reads what :class:`SealingWriter` wrote.

    Raises:
        DecryptionError: the passphrase is another one, or the stream was altered or cut off.
    """

    def __init__(self, source: BinaryIO, *, passphrase: str) -> None:
        super().__init__()
        header = source.read(len(MAGIC) + passphrases.SALT_BYTES)
        if not header.startswith(MAGIC):
            raise DecryptionError("This was not closed by a passphrase.")
        self._source, self._cipher = source, passphrases.cipher(passphrase, header[len(MAGIC) :])
        self._next = source.read(PIECE_BYTES + _TAG_BYTES)
        self._open, self._number = memoryview(b""), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any buffer
        if not self._open and self._next:
            piece, self._next = self._next, self._source.read(PIECE_BYTES + _TAG_BYTES)
            try:
                opened = self._cipher.decrypt(_nonce(self._number, last=not self._next), piece, MAGIC)
            except InvalidTag:
                raise DecryptionError("The passphrase is another one, or the file was altered or cut off.") from None
            self._open, self._number = memoryview(opened), self._number + 1
        taken = self._open[: len(target)]
        target[: len(taken)] = taken
        self._open = self._open[len(taken) :]
        return len(taken)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
