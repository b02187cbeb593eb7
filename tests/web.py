"""A served data directory with a small city, its users, and clients signed in as them."""

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi.testclient import TestClient

from bilanz.app.account import accounts
from bilanz.app.settings import Settings
from bilanz.app.web.server import application
from bilanz.app.web.state import Server
from bilanz.organisation import OrganisationUnit
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation

PASSWORD = "correct horse battery"  # noqa: S105 - of made-up users
ORGANISATIONS = {
    "city": (None, "municipality"),
    "works": ("city", "enterprise"),
    "power": ("works", "enterprise"),
    "schools": ("city", "agency"),
}
USERS = {
    "olga": [("officer", "works")],
    "rita": [("reviewer", "works")],
    "otto": [("officer", "schools")],
    "adam": [("administrator", "")],
    "vera": [("auditor", "")],
    "boris": [("board", "")],
    "clara": [("officer", ""), ("reviewer", "")],
    "nobody": [],
}
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Visitor:
    """A browser without JavaScript."""

    client: TestClient
    csrf: str = field(default="")

    def get(self, path: str, status: int = 200) -> str:
        """Return the text of a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def post(
        self, path: str, data: Mapping[str, object] | None = None, status: int = 200, **more: object
    ) -> str:
        """Send a form of the session and return the text of where it leads."""
        answer = self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **more)  # type: ignore[arg-type] # files
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def sign_in(self, login: str, password: str = PASSWORD) -> "Visitor":
        """Sign in by the form."""
        (token,) = _CSRF.findall(self.get("/login"))
        answer = self.client.post("/login", data={"csrf": token, "login": login, "password": password})
        assert answer.status_code == 200, answer.text[:500]
        self.csrf = _CSRF.findall(answer.text)[0]
        return self


def settings_of(folder: Path, **more: object) -> Settings:
    """Return settings over a data directory."""
    return Settings(data=folder / "data", lang="en", wait=20, **more)  # type: ignore[arg-type] # fields by name


def populate(settings: Settings) -> None:
    """Register the city and its users."""
    with closing(open_registry(settings.registry)) as registry:
        for name, (parent, kind) in ORGANISATIONS.items():
            put_organisation(registry, OrganisationUnit(id=name, parent=parent, name=name.title(), kind=kind))
        for login, grants in USERS.items():
            user = accounts.add_user(registry, login, login.title(), PASSWORD, by="test")
            accounts.grant(registry, user, grants, by="test")


@contextmanager
def served(settings: Settings) -> Iterator["Site"]:
    """Serve a data directory inside this process."""
    app = application(settings)
    with TestClient(app, base_url="http://localhost", headers={"accept-language": "en"}) as client:
        yield Site(settings, client)


@contextmanager
def live(settings: Settings) -> Iterator[str]:
    """Serve a data directory on a port of this machine, for a real browser; lend its address."""
    server = uvicorn.Server(uvicorn.Config(application(settings), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.05)
        (listening,) = (found for one in server.servers for found in one.sockets)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Site:
    """What is served."""

    settings: Settings
    client: TestClient

    @property
    def server(self) -> Server:
        """What the application holds."""
        found = self.client.app.state.server  # type: ignore[attr-defined] # the test client types it as any ASGI
        assert isinstance(found, Server)
        return found

    def visitor(self) -> Visitor:
        """Return a browser nobody has signed in with."""
        fresh = TestClient(self.client.app, base_url="http://localhost", headers={"accept-language": "en"})
        return Visitor(fresh)

    def as_(self, login: str) -> Visitor:
        """Return a browser signed in as somebody."""
        return self.visitor().sign_in(login)
