"""OpenID Connect: the account of the administration signs in (authorization code with PKCE, state and nonce).

    browser ─/oidc/login─► provider ─code─► /oidc/callback ─code, verifier─► provider ─ID token─► checked here
       └ keeps state, nonce and verifier, encrypted, for ten minutes

What the provider says of itself and its keys are read once and again after an hour; a key nobody knows makes
them be read again, at most once a minute.
"""

import ipaddress
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlparse

from bilanz.app.account.accounts import subject_of
from bilanz.app.settings import Oidc, Settings
from bilanz.errors import Refused, UsageError

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client
    from joserfc.jwt import Token

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are taken: never none, and never one by a secret both sides hold."""
_LEEWAY: Final = 60
"""Seconds two clocks may differ."""
_FRESH: Final = 3600
_AGAIN: Final = 60
_TIMEOUT: Final = 10
_SCOPE: Final = "openid"

FAILED: Final = (
    "The sign-in service did not answer as expected. Try again; if it happens again, tell the administrator."
)


@dataclass(frozen=True, slots=True)
class Flow:
    """What a browser brings back from the provider has to fit to."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


@dataclass(slots=True)
class Provider:
    """A provider of OpenID Connect, asked over HTTPS; over HTTP only on this machine."""

    settings: Oidc
    _told: dict[str, Any] = field(default_factory=dict)
    _keys: dict[str, Any] = field(default_factory=dict)
    _read_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def authorization(self, flow: Flow, redirect: str) -> str:
        """Return the address of the provider to send the browser to.

        Raises:
            Refused: the provider does not answer.
        """
        told = self._metadata()
        with self._client(redirect) as client:
            address, _ = client.create_authorization_url(
                told["authorization_endpoint"],
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
            )
        return str(address)

    def subject(self, flow: Flow, code: str, redirect: str) -> str:
        """Return who has signed in: the subject of an ID token that holds.

        Raises:
            Refused: the provider does not answer, or the token does not hold.
        """
        from authlib.integrations.base_client import OAuthError
        from authlib.oidc.core import CodeIDToken
        from httpx2 import HTTPError
        from joserfc.errors import JoseError

        told = self._metadata()
        try:
            with self._client(redirect) as client:
                answer = client.fetch_token(
                    told["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=flow.verifier,
                )
            token = self._decoded(str(answer["id_token"]))
            expected = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client},
                "nonce": {"essential": True, "value": flow.nonce},
                "sub": {"essential": True},
            }
            parameters = {
                "nonce": flow.nonce,
                "client_id": self.settings.client,
                "access_token": answer.get("access_token"),
            }
            claims = CodeIDToken(token.claims, token.header, expected, parameters)
            claims.validate(leeway=_LEEWAY)
        except (HTTPError, OAuthError, JoseError, ValueError, KeyError, TypeError) as error:
            raise _failed(error) from error
        return str(claims["sub"])

    def _decoded(self, text: str) -> "Token":
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        offered = self._told.get("id_token_signing_alg_values_supported", ["RS256"])
        allowed = [name for name in ALGORITHMS if name in offered]
        registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
        try:
            return jwt.decode(text, KeySet.import_key_set(self._key_set()), registry=registry)
        except InvalidKeyIdError:
            keys = KeySet.import_key_set(self._key_set(is_unknown=True))
            return jwt.decode(text, keys, registry=registry)

    def _metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself.

        Raises:
            Refused: it does not answer, or speaks for another issuer.
        """
        from httpx2 import HTTPError

        with self._lock:
            try:
                if time.monotonic() - self._read_at > _FRESH or not self._told:
                    self._read()
            except (HTTPError, ValueError, KeyError, TypeError) as error:
                raise _failed(error) from error
            return self._told

    def _key_set(self, *, is_unknown: bool = False) -> Any:  # noqa: ANN401 - JSON the library reads
        with self._lock:
            if is_unknown and time.monotonic() - self._read_at > _AGAIN:
                self._read()
            return self._keys

    def _read(self) -> None:
        told = self._json(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told["issuer"] != self.settings.issuer:
            message = f"the provider speaks for {told['issuer']}"
            raise ValueError(message)
        for name in ("authorization_endpoint", "token_endpoint"):
            check_address(told[name])
        self._keys = self._json(told["jwks_uri"])
        self._told, self._read_at = told, time.monotonic()

    def _json(self, address: str) -> dict[str, Any]:
        import httpx2

        check_address(address)
        answer = httpx2.get(address, timeout=_TIMEOUT).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _client(self, redirect: str) -> "OAuth2Client":
        from authlib.integrations.httpx_client import OAuth2Client

        methods = self._told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        is_basic = "client_secret_basic" in methods
        return OAuth2Client(
            self.settings.client,
            self.settings.secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_basic" if is_basic else "client_secret_post",
            scope=_SCOPE,
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=_TIMEOUT,
        )


def provider_of(settings: Oidc) -> Provider:
    """Return the provider of some settings, the same one each time."""
    return _provider(settings.issuer, settings.client, settings.secret.get_secret_value())


@lru_cache(maxsize=8)
def _provider(issuer: str, client: str, secret: str) -> Provider:
    check_address(issuer)
    return Provider(Oidc.model_validate({"issuer": issuer, "client": client, "secret": secret}))


def linked(settings: Settings, identity: str | None) -> str | None:
    """Return an identity somebody states as the registry keeps it; None where none is stated.

    Raises:
        UsageError: no sign-in service is set up, so that it is not known whose identity it is.
    """
    stated = (identity or "").strip()
    if not stated:
        return None
    if settings.oidc is None:
        raise UsageError("State the sign-in service first: BILANZ_OIDC.")
    return subject_of(settings.oidc.issuer, stated)


def check_address(address: str) -> None:
    """Let only an address over HTTPS, or on this machine, be asked.

    Raises:
        UsageError: it is another one.
    """
    parts = urlparse(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or "")):
        return
    raise UsageError("The sign-in service has to be reached over HTTPS, not at {address}.", address=address)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _failed(error: Exception) -> Refused:
    return Refused(FAILED, code=f"oidc_{type(error).__name__}")
