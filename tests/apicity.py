"""A served city with data, and programs that speak to its API."""

# ruff: noqa: ANN401 - answers are JSON of any form

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import web

from bilanz.app.account import accounts
from bilanz.app.web.sessions import make_token
from bilanz.app.web.throttle import Throttled

API = "/api/v1"
YEAR = 2024
HEADER = "organisation,source,activity,start,end,quantity,unit,quality,counterparty"
SCOPES = ["read", "deliver", "calculate", "review", "manage"]


def rows(organisation: str, source: str, quantities: Mapping[int, str], year: int = YEAR) -> str:
    """Return a standard upload: one bill of electricity a month."""
    lines = [HEADER]
    for month, quantity in quantities.items():
        start = date(year, month, 1)
        end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        lines.append(f"{organisation},{source},electricity,{start},{end},{quantity},kWh,billed,Works")
    return "\n".join(lines) + "\n"


POWER = rows("power", "P1", {month: "20000" if month == 5 else "1000" for month in range(1, 7)})
"""Bills of the power plant with an outlier in May."""

SCHOOLS = rows("schools", "S1", dict.fromkeys(range(1, 13), "500"))
"""Bills of the schools for the whole year."""


@dataclass
class Program:
    """A program with a token."""

    client: Any
    headers: dict[str, str]

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> httpx2.Response:
        """Send a request and return the answer."""
        headers = {**self.headers, **more.pop("headers", {})}
        answer: httpx2.Response = self.client.request(method, API + path, headers=headers, **more)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:2000])
        return answer

    def get(self, path: str, status: int = 200, **more: Any) -> Any:
        """Return what is answered."""
        return self.ask("GET", path, status, **more).json()

    def post(self, path: str, told: object = None, status: int = 200, **more: Any) -> Any:
        """Send JSON and return what is answered."""
        return self.ask("POST", path, status, json={} if told is None else told, **more).json()

    def job(self, path: str, told: object = None, **more: Any) -> Any:
        """Start a job and return how it ended."""
        answer = self.ask("POST", path, 202, json={} if told is None else told, **more)
        assert answer.headers["location"] == f"{API}/jobs/{answer.json()['id']}"
        return self.followed(answer.json())

    def followed(self, job: Mapping[str, Any]) -> Any:
        """Return how a job ended."""
        for _ in range(600):
            told = self.get(f"/jobs/{job['id']}")
            if told["is_over"]:
                return told
            time.sleep(0.1)
        raise AssertionError(told)

    def upload(self, content: str, organisation: str, name: str = "bills.csv", **more: Any) -> Any:
        """Hand a file in, let it be read, and return the upload."""
        files = {"file": (name, content.encode(), "text/csv")}
        told = self.ask(
            "POST", "/uploads", 202, data={"organisation": organisation}, files=files, **more
        ).json()
        assert self.followed(told["job"])["code"] == "done"
        return self.get(f"/uploads/{told['upload']['id']}")

    def deliver(self, content: str, organisation: str, name: str = "bills.csv") -> str:
        """Hand a file in, take it over, and return its identifier."""
        upload = self.upload(content, organisation, name)
        job = self.job(f"/uploads/{upload['id']}/commit")
        assert job["code"] == "done", job
        return str(job["result"]["batch"])


@dataclass
class City:
    """What is served."""

    site: web.Site

    def program(self, login: str, *scopes: str) -> Program:
        """Return a program with a token of somebody; without scopes: of all of them."""
        server = self.site.server
        user = accounts.known(server.registry, login)
        token = make_token(server, user, "test", list(scopes) or SCOPES, 1)
        return Program(self.site.client, {"authorization": f"Bearer {token}"})


@contextmanager
def city(folder: Path) -> Iterator[City]:
    """Serve the city of `tests/web.py`; nobody is told to wait."""
    settings = web.settings_of(folder)
    web.populate(settings)
    with pytest.MonkeyPatch.context() as patch, web.served(settings) as site:
        patch.setattr(Throttled, "_may_ask", lambda _self, _request: True)
        yield City(site)


def fill(found: City) -> None:
    """Deliver the bills, and calculate the year over all and for the works."""
    clara = found.program("clara")
    clara.deliver(POWER, "power")
    clara.deliver(SCHOOLS, "schools", "schools.csv")
    for organisation in ("", "works"):
        job = clara.job(f"/balances/{YEAR}/calculate", params={"organisation": organisation})
        assert job["code"] == "done", job
