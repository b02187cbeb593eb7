"""What a running server holds: settings, registry, queue, key and meters."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from cryptography.fernet import Fernet
from fastapi import Depends, Request
from itsdangerous import URLSafeTimedSerializer

from bilanz.app.queue import Queue
from bilanz.app.settings import Settings
from bilanz.app.web.attempts import Attempts
from bilanz.registry.engine import Registry

_KEY_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Server:
    """Shared by all requests.

    Attributes:
        key: of this data directory; signs what browsers carry and encrypts second factors.
        is_secure: served over HTTPS only, so that cookies are.
        attempts: to sign in that failed, by address.
    """

    settings: Settings
    registry: Registry
    queue: Queue
    key: bytes = field(repr=False)
    is_secure: bool = False
    attempts: Attempts = field(default_factory=Attempts, repr=False)

    @property
    def fernet(self) -> Fernet:
        """What secrets in the registry are encrypted with."""
        return Fernet(self.key)

    def cookie(self, name: str) -> str:
        """Return what a cookie is called; over HTTPS so that no other host can set it."""
        return f"__Host-{name}" if self.is_secure else name

    def signer(self, salt: str) -> URLSafeTimedSerializer:
        """Return what signs a value a browser carries, for one purpose (HMAC-SHA256, a key for each)."""
        kinds = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self.key, salt=salt, signer_kwargs=kinds)


def key_of(data: Path) -> bytes:
    """Return the key of a data directory, made at the first time, readable by its owner only."""
    file = data / "web.key"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _KEY_MODE)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(Fernet.generate_key())
    return file.read_bytes()


def server_of(request: Request) -> Server:
    """Return the server a request is handled by."""
    found: Server = request.app.state.server
    return found


ServerOf = Annotated[Server, Depends(server_of)]
