"""A provider of OpenID Connect on this machine, with a key of its own: what it says can be made wrong."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, Header, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "bilanz"
SECRET = "a secret of the tests"  # noqa: S105 - of a made-up client


@dataclass
class Provider:
    """Signs in whoever asks as `subject`.

    Attributes:
        claims: replace those of the ID token; None: the claim is left out.
        signs_with: the key tokens are signed with; another than `key`: a forged token.
        algorithm: of the signature.
        issuer_told: what the provider says its issuer is, where it is not its address.
        denies: whether it lets nobody in.
    """

    port: int = 0
    subject: str = "olga-at-the-city"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    claims: dict[str, Any] = field(default_factory=dict)
    signs_with: Any = None
    algorithm: str = "RS256"
    issuer_told: str | None = None
    denies: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def id_token(self, nonce: str) -> str:
        """Return an ID token, made wrong as `claims`, `signs_with` and `algorithm` say."""
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
        } | self.claims
        if self.algorithm in {"none", "HS256"}:  # no library makes such forgeries
            return forged(self.algorithm, self.key.kid, told, self.signs_with)
        key = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": key.kid}
        claims = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])


def encoded(content: bytes) -> str:
    """Return bytes as tokens hold them."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forged(algorithm: str, kid: str, claims: dict[str, Any], secret: bytes) -> str:
    """Return a token nobody has signed, or one signed by what everybody can read."""
    parts = ({"alg": algorithm, "kid": kid}, claims)
    text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    signature = b"" if algorithm == "none" else hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{encoded(signature)}"


def application(provider: Provider) -> FastAPI:
    """Return the provider as an application."""
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def metadata() -> dict[str, Any]:
        here = provider.issuer
        return {
            "issuer": provider.issuer_told or here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/authorize")
    def authorize(redirect_uri: str, state: str, nonce: str, code_challenge: str) -> Response:
        if provider.denies:
            told = {"error": "access_denied", "state": state}
            return RedirectResponse(f"{redirect_uri}?{urlencode(told)}")
        code = secrets.token_urlsafe(16)
        provider.codes[code] = {"nonce": nonce, "challenge": code_challenge, "redirect": redirect_uri}
        told = {"code": code, "state": state}
        return RedirectResponse(f"{redirect_uri}?{urlencode(told)}")

    @app.post("/token")
    def token(
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> Response:
        known = provider.codes.pop(code, None)
        digest = hashlib.sha256(code_verifier.encode()).digest()
        challenge = encoded(digest)
        client = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        is_right = known is not None and (challenge, redirect_uri) == (known["challenge"], known["redirect"])
        if known is None or not is_right or client != f"{CLIENT}:{SECRET}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {"access_token": "x", "token_type": "Bearer", "id_token": provider.id_token(known["nonce"])}
        return JSONResponse(told)

    return app


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Serve a provider on a free port of this machine."""
    config = uvicorn.Config(application(provider), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    provider.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
