"""Many officers upload and read at once: `python tests/bench/load.py --officers 50 --minutes 5`.

A server of its own over a fresh data directory; every officer has an organisation, signs in, uploads files,
takes them over and reads pages. Afterwards every row that was sent is looked for in the store: none may be
lost, none may be there twice. The report is JSON on standard output.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

import httpx2

from bilanz.app.account import accounts
from bilanz.app.settings import Settings
from bilanz.organisation import OrganisationUnit
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation
from bilanz.store.connection import open_store

PASSWORD: Final = "correct horse battery"  # noqa: S105 - of made-up users
CSRF: Final = re.compile(r'name="csrf" value="([^"]+)"')
JOB: Final = re.compile(r"/jobs/([0-9a-f]{32})")
UPLOAD: Final = re.compile(r"/uploads/([0-9a-f]{32})")
PAGES: Final = ("/", "/uploads", "/files", "/balances", "/review", "/master")
ROWS: Final = 24


@dataclass
class Figures:
    """What was measured. `seconds`: by kind of request; `problems`: answers that should not be."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    problems: list[str] = field(default_factory=list)
    sent: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Officer:
    """One officer with a browser."""

    name: str
    client: httpx2.AsyncClient
    figures: Figures
    chance: random.Random
    csrf: str = ""
    files: int = 0

    async def ask(self, kind: str, method: str, path: str, **more: object) -> httpx2.Response:
        """Send a request and keep how long it took and whether it went wrong."""
        began = time.perf_counter()
        try:
            answer = await self.client.request(method, path, **more)  # type: ignore[arg-type] # of httpx
        except httpx2.HTTPError as error:
            self.figures.problems.append(f"{kind} {path}: {error!r}")
            raise
        self.figures.seconds[kind].append(time.perf_counter() - began)
        if answer.status_code >= 400:
            self.figures.problems.append(f"{kind} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    async def sign_in(self) -> None:
        """Sign in by the form."""
        form = await self.ask("sign in", "GET", "/login")
        told = {"csrf": CSRF.findall(form.text)[0], "login": self.name, "password": PASSWORD}
        start = await self.ask("sign in", "POST", "/login", data=told)
        self.csrf = CSRF.findall(start.text)[0]

    async def work(self, until: float) -> None:
        """Upload and read until the time is over; what was begun is brought to its end."""
        await self.sign_in()
        while time.monotonic() < until:
            await self.hand_in()
            for _ in range(4):
                await self.ask("page", "GET", self.chance.choice(PAGES))
                await asyncio.sleep(self.chance.uniform(0.2, 2))

    async def hand_in(self) -> None:
        """Upload a file, wait until it was read, and take it over."""
        self.files += 1
        text, sent = sheet(self.name, self.files, self.chance)
        files = {"files": (f"{self.name}-{self.files}.csv", text.encode(), "text/csv")}
        told = {"csrf": self.csrf, "organisation": self.name}
        answer = await self.ask("upload", "POST", "/uploads", data=told, files=files)
        page = await self.followed(answer)
        upload = UPLOAD.findall(str(page.url))[0]
        told = {"csrf": self.csrf, "rule": "first", "reason": ""}
        answer = await self.ask("take over", "POST", f"/uploads/{upload}/commit", data=told)
        await self.followed(answer)
        self.figures.sent[self.name] += sent

    async def followed(self, answer: httpx2.Response) -> httpx2.Response:
        """Return the page a job leads to, once it is done."""
        began = time.perf_counter()
        while JOB.search(str(answer.url)):
            await asyncio.sleep(2)  # as the page loads itself again without JavaScript
            answer = await self.ask("job", "GET", str(answer.url))
            if JOB.search(str(answer.url)) and 'id="job-progress"' not in answer.text:
                raise RuntimeError(f"a job failed: {answer.url} {answer.text[-2000:]}")
        self.figures.seconds["wait for a job"].append(time.perf_counter() - began)
        return answer


def sheet(name: str, number: int, chance: random.Random) -> tuple[str, list[Decimal]]:
    """Return a file of monthly bills of two years of a meter of its own, and its quantities."""
    lines, sent = ["source;activity;start;end;quantity;unit;quality"], []
    for month in range(ROWS):
        year, place = 2023 + month // 12, month % 12 + 1
        last = 28 if place == 2 else 30
        quantity = Decimal(chance.randrange(1, 10**7)) / 1000
        sent.append(quantity)
        days = f"{year}-{place:02}-01;{year}-{place:02}-{last}"
        shown = str(quantity).replace(".", ",")
        lines.append(f"meter {name} {number};Electricity;{days};{shown};kWh;billed")
    return "\n".join(lines) + "\n", sent


def populate(settings: Settings, officers: int) -> list[str]:
    """Register a city, an agency and an officer each."""
    names = [f"agency-{number:02}" for number in range(officers)]
    with closing(open_registry(settings.registry)) as registry:
        put_organisation(registry, OrganisationUnit(id="city", name="City", kind="municipality"))
        for name in names:
            unit = OrganisationUnit(id=name, parent="city", name=name.title(), kind="agency")
            put_organisation(registry, unit)
            user = accounts.add_user(registry, name, name, PASSWORD, by="load")
            accounts.grant(registry, user, [("officer", name)], by="load")
    return names


@contextmanager
def server(folder: Path, port: int) -> Iterator[str]:
    """Serve the data directory by the command and return the address."""
    command = [str(Path(sys.executable).with_name("bilanz")), "serve"]
    command += ["--port", str(port), "--data-dir", str(folder), "--lang", "en"]
    address = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            for _ in range(300):
                with suppress(httpx2.HTTPError):
                    if httpx2.get(f"{address}/readyz").status_code == 200:
                        break
                time.sleep(0.2)
            else:
                raise RuntimeError("the server did not start")
            yield address
        finally:
            process.terminate()
            process.wait(60)


async def visit(address: str, names: list[str], minutes: float) -> Figures:
    """Let all officers work at once."""
    figures, until = Figures(), time.monotonic() + minutes * 60
    headers = {"accept-language": "en"}
    clients = [
        httpx2.AsyncClient(base_url=address, follow_redirects=True, timeout=120, headers=headers)
        for _ in names
    ]
    officers = [
        Officer(name, client, figures, random.Random(name))  # noqa: S311 - made-up figures
        for name, client in zip(names, clients, strict=True)
    ]
    try:
        await asyncio.gather(*(officer.work(until) for officer in officers))
    finally:
        for client in clients:
            await client.aclose()
    return figures


def differences(settings: Settings, figures: Figures) -> list[str]:
    """Return where the store does not hold exactly what was sent."""
    with open_store(settings.store_file, read_only=True) as store:
        rows = store.rows("SELECT organisation, quantity FROM activity_live WHERE NOT is_superseded")
    held: dict[str, list[Decimal]] = defaultdict(list)
    for name, quantity in rows:
        held[name].append(quantity)
    return [
        f"{name}: {len(figures.sent[name])} rows sent, {len(held[name])} held"
        for name in {*figures.sent, *held}
        if sorted(figures.sent[name]) != sorted(held[name])
    ]


def summary(figures: Figures, lost: list[str], minutes: float) -> dict[str, object]:
    """Return the report."""
    told = {
        kind: {
            "requests": len(seconds),
            "median_s": round(sorted(seconds)[len(seconds) // 2], 3),
            "p95_s": round(sorted(seconds)[int(len(seconds) * 0.95)], 3),
            "most_s": round(max(seconds), 3),
        }
        for kind, seconds in figures.seconds.items()
    }
    rows = sum(map(len, figures.sent.values()))
    return {
        "minutes": minutes,
        "processors": os.cpu_count(),
        "files": rows // ROWS,
        "rows": rows,
        "problems": len(figures.problems),
        "first_problems": figures.problems[:10],
        "differences": lost,
        "requests": told,
    }


def main() -> int:
    """Run it; exit 0 where nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--officers", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--port", type=int, default=8200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bilanz-load-") as name:
        settings = Settings(data=Path(name), lang="en")
        names = populate(settings, given.officers)
        with server(settings.data, given.port) as address:
            figures = asyncio.run(visit(address, names, given.minutes))
        lost = differences(settings, figures)
        print(json.dumps(summary(figures, lost, given.minutes), indent=2))  # noqa: T201 - the report
        sys.stderr.write((settings.data / "server.log").read_text()[-4000:])
    return 1 if figures.problems or lost or not figures.sent else 0


if __name__ == "__main__":
    sys.exit(main())
