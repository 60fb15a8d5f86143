"""Key services (KMS): what opens the key-encryption keys where these are not kept in the clear.

A plug-in is a class named by the setting ``KEY_SERVICE``. The service wraps one key per installation and rotation,
not one per person, and the opened key stays in the process for minutes: that keeps working with tens of thousands
of encrypted values a minute, also for values that pass through the queue, and a key that is disabled in the
service closes the data within those minutes.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from llmasos.vault.errors import KeyServiceError

_SECONDS = 10.0


class KeyService(Protocol):
    """What a plug-in does. It is made without arguments and reads its own settings.

    ``key_id`` is the name of the key in LLMasOS; a service that can should bind it in. Both raise
    ``KeyServiceError`` when the service refuses or does not answer.
    """

    def wrap(self, key: bytes, *, key_id: str) -> bytes: ...

    def unwrap(self, wrapped: bytes, *, key_id: str) -> bytes: ...


class TransitKeyService:
    """The transit engine of OpenBao or HashiCorp Vault, over HTTP.

    ``KEY_SERVICE_URL`` names the server with the engine's mount (``https://bao.example.org:8200/v1/transit``),
    ``KEY_SERVICE_KEY`` its key (of a type with associated data, such as aes256-gcm96), ``KEY_SERVICE_TOKEN`` a
    token that may encrypt and decrypt with it and nothing else.
    """

    def __init__(self) -> None:
        self._url = str(settings.KEY_SERVICE_URL).rstrip("/")
        self._key = quote(str(settings.KEY_SERVICE_KEY), safe="")
        self._token = str(settings.KEY_SERVICE_TOKEN)
        if not (self._url and self._key and self._token):
            raise KeyServiceError(
                "The key service needs LLMASOS_KEY_SERVICE_URL, LLMASOS_KEY_SERVICE_KEY and LLMASOS_KEY_SERVICE_TOKEN."
            )

    def wrap(self, key: bytes, *, key_id: str) -> bytes:
        plaintext = base64.b64encode(key).decode()
        return self._ask("encrypt", {"plaintext": plaintext, **_bound(key_id)}, "ciphertext").encode()

    def unwrap(self, wrapped: bytes, *, key_id: str) -> bytes:
        ciphertext = wrapped.decode("ascii", "replace")
        answer = self._ask("decrypt", {"ciphertext": ciphertext, **_bound(key_id)}, "plaintext")
        try:
            return base64.b64decode(answer, validate=True)
        except binascii.Error:
            raise KeyServiceError("The key service's answer is no key.") from None

    def _ask(self, action: str, content: dict[str, str], wanted: str) -> str:
        try:
            response = httpx.post(
                f"{self._url}/{action}/{self._key}",
                json=content,
                headers={"X-Vault-Token": self._token, "X-Vault-Request": "true"},
                timeout=_SECONDS,
            )
        except httpx.HTTPError as error:
            raise KeyServiceError(f"The key service does not answer ({type(error).__name__}).") from None
        # The body may repeat what was sent, which is a key: only the status is told.
        if not response.is_success:
            raise KeyServiceError(f"The key service refuses to {action} (status {response.status_code}).")
        try:
            return str(response.json()["data"][wanted])
        except (ValueError, KeyError, TypeError):
            raise KeyServiceError(f"The key service's answer to {action} is not that of a transit engine.") from None


def configured() -> KeyService | None:
    """Return the installation's key service; None where keys are kept as they are."""
    path: str = settings.KEY_SERVICE
    return _made(path) if path else None


@lru_cache(maxsize=1)
def _made(path: str) -> KeyService:
    service: KeyService = import_string(path)()
    return service


def _bound(key_id: str) -> dict[str, str]:
    return {"associated_data": base64.b64encode(f"llmasos/{key_id}".encode()).decode()}
