"""Every route is listed with the right it needs, and lets in exactly those who have it.

A route that is not listed in `tests/webroutes.py` fails a test. What a duty allows and who holds it where is
written here by hand, so that a change of `bilanz.access` is noticed: own objects open, foreign ones are not
there (404), and what may be read and not done is forbidden (403).
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
import web
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from webroutes import BESIDES, IN_FORM, OTHERS, PUBLIC, ROUTES, SIGNED_IN

from bilanz.app.account import accounts
from bilanz.app.web import security
from bilanz.app.web.guard import ANYWHERE, Guard, public
from bilanz.app.web.jobs import AFTER, KINDS, TITLES
from bilanz.app.web.server import application
from bilanz.app.web.sessions import make_token
from bilanz.app.web.throttle import Throttled
from bilanz.batch import BatchState, ImportBatch
from bilanz.fund.terms import FILE
from bilanz.job import Job, JobState, Upload, UploadState
from bilanz.registry import batches, jobs, sessions
from bilanz.registry.engine import Registry

DUTIES: Final = {
    "officer": {"read", "read_released", "deliver", "calculate", "resolve", "master"},
    "reviewer": {"read", "read_released", "calculate", "resolve", "release"},
    "auditor": {"read", "read_released", "trail"},
    "board": {"read_released"},
    "administrator": {"read", "read_released", "master", "trail", "users"},
}
ALL: Final = ""
NOWHERE: Final = "nowhere"
WORKS: Final = {"works", "power"}
EVERYWHERE: Final = {ALL, "city", "works", "power", "schools"}
HELD: Final = {
    "olga": (WORKS, ("officer",)),
    "rita": (WORKS, ("reviewer",)),
    "otto": ({"schools"}, ("officer",)),
    "adam": (EVERYWHERE, ("administrator",)),
    "vera": (EVERYWHERE, ("auditor",)),
    "boris": (EVERYWHERE, ("board",)),
    "clara": (EVERYWHERE, ("officer", "reviewer")),
    "nobody": (set[str](), ()),
    "anna": (WORKS, ("administrator",)),
}
"""User of `tests/web.py`, and anna → organisations they reach (`ALL`: all together), and duties there."""

EMPTY: Final = re.compile(r"/(api/v1/)?(balances|downloads|files|uploads|master|review|periods)/|/file$")
"""Where nothing is stored in this test: behind the guard there is nothing to be found."""

TRIAL: Final = "trial"
"""Kind of a job that does nothing."""


def may(login: str, right: str, organisation: str) -> bool:
    """Tell whether somebody has a right on an organisation."""
    reached, duties = HELD[login]
    return organisation in reached and any(right in DUTIES[duty] for duty in duties)


def anywhere(login: str, right: str) -> bool:
    """Tell whether somebody has a right on anything."""
    return any(may(login, right, organisation) for organisation in EVERYWHERE)


def expected(login: str, right: str, organisation: str) -> int | None:
    """Return the status that turns somebody away; None: they are let in."""
    if may(login, right, organisation):
        return None
    may_see = may(login, "read", organisation) or may(login, "read_released", organisation)
    return 403 if may_see else 404


def besides(login: str, route: str, organisation: str) -> int | None:
    """Return the status with which a route itself turns somebody away whom its guard lets in."""
    asked = BESIDES.get(route, ())
    return next((status for right, status in asked if not may(login, right, organisation)), None)


def a_job(site: web.Site, organisation: str, by: str = "test") -> str:
    made = Job(
        id=uuid4().hex,
        kind=TRIAL,
        organisation=organisation,
        by=by,
        language="en",
        state=JobState.FAILED.value,
        created_at=jobs.now(),
    )
    jobs.put_job(registry(site), made)
    return made.id


def an_upload(site: web.Site, organisation: str) -> str:
    made = Upload(
        id=uuid4().hex,
        organisation=organisation,
        by="test",
        at=jobs.now(),
        file="mine.csv",
        size=1,
        sha256=uuid4().hex * 2,
        state=UploadState.DISCARDED.value,
    )
    jobs.put_upload(registry(site), made)
    return made.id


def a_batch(site: web.Site, organisation: str) -> str:
    made = ImportBatch(
        id=uuid4().hex,
        sha256=uuid4().hex * 2,
        file="mine.csv",
        importer="standard",
        importer_version="1",
        organisation=organisation,
        uploaded_by="test",
        uploaded_at=datetime.now(UTC),
        state=BatchState.DRAFT,
    )
    batches.put_batch(registry(site), made)
    return made.id


def a_user(site: web.Site, organisation: str) -> str:
    """Return somebody all of whose duties lie in an organisation."""
    duties = [("officer", organisation)]
    return accounts.add_user(registry(site), uuid4().hex, "", None, by="test", duties=duties).id


def a_token(site: web.Site, login: str) -> str:
    user = accounts.known(registry(site), login)
    server = site.server
    return make_token(server, user, "mine", ["read"], 1).split("_")[1]


def a_session(site: web.Site, login: str) -> str:
    site.as_(login)
    return sessions.sessions_of(registry(site), accounts.known(registry(site), login).id)[0].id


def named(_site: web.Site, organisation: str) -> str:
    return organisation


def a_fund(site: web.Site, organisation: str) -> str:
    """Let an organisation be the league whose fund the data directory holds; nowhere: there is none."""
    path = site.settings.data / FILE
    if organisation == NOWHERE:
        path.unlink(missing_ok=True)
    else:
        path.write_text(f'league = "{organisation}"\ncurrency = "EUR"\n', encoding="utf-8")
    return organisation


MAKE: Final[dict[str, Callable[[web.Site, str], str]]] = {
    "job": a_job,
    "upload": an_upload,
    "batch": a_batch,
    "user": a_user,
    "organisation": named,
    "fund": a_fund,
}
"""Object of a route → how one of an organisation is made."""

PLACES: Final = {
    "sequence": "1",
    "year": "2024",
    "panel": "months",
    "table": "sites",
    "form": "standard.csv",
    "finding": "none",
    "pair": "none",
    "record": "1",
    "sha256": "0" * 64,
}
"""Further parameter of an address → what is asked for."""

NOTED: Final[list[str]] = []
"""Events the guard has noted: so its 404 is told from that of a route that finds nothing to show."""

OWN: Final = {"token": a_token, "session": a_session}
"""Object that belongs to a user and to no organisation → how one of theirs is made."""


def registry(site: web.Site) -> Registry:
    """Return the registry of the server."""
    held: Registry = site.server.registry
    return held


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RouteContext]:
    """Return every route of the application: method and path → route."""
    app = application(web.settings_of(tmp_path_factory.mktemp("routes")))
    told: dict[str, RouteContext] = {}
    others = set()
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            told |= {f"{method} {route.path_format}": route for method in route.methods or ()}
        else:
            others.add(route.path)
    assert others == OTHERS
    assert len(told) > len(OTHERS)
    return told


def stated(route: RouteContext) -> str:
    """Return what a route declares, in the words of `ROUTES`."""
    calls = [one.call for one in route.dependant.dependencies]
    guards = [call for call in calls if isinstance(call, Guard)]
    told = [
        SIGNED_IN if guard.right is None and guard.of == ANYWHERE else f"{guard.right} {guard.of}"
        for guard in guards
    ]
    told += [PUBLIC for call in calls if call is public]
    return ", ".join(told) or "nothing"


def test_every_route_is_listed(found: dict[str, RouteContext]) -> None:
    assert not [name for name in found if name not in ROUTES]


def test_every_listed_route_is_there(found: dict[str, RouteContext]) -> None:
    assert not [name for name in (*ROUTES, *BESIDES) if name not in found]


def test_every_route_has_one_guard_or_is_public(found: dict[str, RouteContext]) -> None:
    told = {name: stated(route) for name, route in found.items()}
    assert told == {name: ROUTES.get(name) for name in found}


def test_nothing_is_named_here_that_no_duty_allows() -> None:
    rights = {told.split()[0] for told in ROUTES.values()} - {PUBLIC, "signed"}
    rights |= {right for asked in BESIDES.values() for right, _ in asked}
    assert rights <= set[str]().union(*DUTIES.values())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Site]:
    settings = web.settings_of(tmp_path_factory.mktemp("rights"))
    web.populate(settings)
    with pytest.MonkeyPatch.context() as patch, web.served(settings) as served:
        patch.setitem(KINDS, TRIAL, lambda _work: None)
        patch.setitem(TITLES, TRIAL, "Trial")
        patch.setitem(AFTER, TRIAL, lambda _job: "/")
        patch.setattr(security, "note", lambda _server, _request, event, _subject="": NOTED.append(event))
        patch.setattr(Throttled, "_may_ask", lambda _self, _request: True)
        accounts.add_user(
            registry(served), "anna", "Anna", web.PASSWORD, by="test", duties=[("administrator", "works")]
        )
        yield served


@pytest.fixture(scope="module")
def visitors(site: web.Site) -> dict[str, web.Visitor]:
    return {login: site.as_(login) for login in HELD}


def ask(visitor: web.Visitor, route: str, places: dict[str, str]) -> httpx2.Response:
    """Send what a browser of a session would; parameters that have no place in the path are of the query."""
    method, path = route.split()
    rest = dict.fromkeys(IN_FORM.get(route, ())[:1], "works") | places
    for name in re.findall(r"{(\w+)(?::\w+)?}", path):
        value = rest.pop(name, None) or PLACES.get(name, "x")
        path = re.sub(rf"{{{name}(:\w+)?}}", value, path)
    sent: dict[str, Any] = {}
    if route in IN_FORM:
        name, file = IN_FORM[route]
        sent = {"data": {name: rest.pop(name)}, "files": {file: ("own.csv", b"")}}
    elif path.startswith("/api/") and method not in {"GET", "DELETE"}:
        sent = {"json": {}}
    headers = {"x-csrf-token": visitor.csrf}
    return visitor.client.request(method, path, params=rest, headers=headers, follow_redirects=False, **sent)


def decided(visitor: web.Visitor, route: str, places: dict[str, str]) -> int | None:
    """Return the status that turns somebody away; None: they are let in.

    A route that has let somebody in and finds no balance, table or file to show is no refusal.
    """
    NOTED.clear()
    answer = ask(visitor, route, places)
    assert answer.status_code < 500, (answer.request.url, answer.text[:2000])
    is_refused = answer.status_code in {401, 403, 404}
    if answer.status_code == 404 and not NOTED and EMPTY.search(route.split()[1]):
        is_refused = False
    return answer.status_code if is_refused else None


def places(*objects: str) -> list[str]:
    """Return the organisations an object is tried of; a file, and a fund, is always of one."""
    return sorted(EVERYWHERE - ({ALL} if {"upload", "file", "files", "fund"} & set(objects) else set()))


def guarded(*, of_objects: bool) -> list[str]:
    """Return the routes whose guard asks for a right on an object, or for one anywhere."""
    told = {name: told.split() for name, told in ROUTES.items() if told not in {PUBLIC, SIGNED_IN}}
    return [name for name, (_, subject) in told.items() if (subject != ANYWHERE) == of_objects]


@pytest.mark.parametrize("route", guarded(of_objects=True))
def test_an_object_is_there_for_whom_it_is(
    site: web.Site, visitors: dict[str, web.Visitor], route: str
) -> None:
    right, subject = ROUTES[route].split()
    wanted, told = {}, {}
    for login, visitor in visitors.items():
        for organisation in (ALL,) if subject == "everything" else (*places(subject), NOWHERE):
            case = login, organisation
            wanted[case] = expected(login, right, organisation) or besides(login, route, organisation)
            if organisation == NOWHERE:
                wanted[case] = 404
            made = {} if subject == "everything" else {subject: MAKE[subject](site, organisation)}
            told[case] = decided(visitor, route, made)
    assert told == wanted


@pytest.mark.parametrize("route", guarded(of_objects=False))
def test_who_has_a_right_nowhere_is_turned_away(
    site: web.Site, visitors: dict[str, web.Visitor], route: str
) -> None:
    right, _ = ROUTES[route].split()
    objects = [name for name in re.findall(r"{(\w+)}", route) if name in MAKE]
    objects += IN_FORM.get(route, ())
    wanted, told = {}, {}
    for login, visitor in visitors.items():
        for organisation in places(*objects) if objects else (ALL,):
            case = login, organisation
            wanted[case] = None if anywhere(login, right) else 403
            if objects and wanted[case] is None and not may(login, right, organisation):
                wanted[case] = 404
            made = {name: MAKE[name](site, organisation) for name in objects if name in MAKE}
            told[case] = decided(visitor, route, made)
    assert told == wanted


PERSONAL_ROUTES: Final = [
    name
    for name, told in ROUTES.items()
    if told == SIGNED_IN and set(re.findall(r"{(\w+)}", name)) & set(OWN)
]


@pytest.mark.parametrize("route", PERSONAL_ROUTES)
def test_what_is_somebodys_own_is_there_for_nobody_else(site: web.Site, route: str) -> None:
    visitor = site.as_("olga")
    (name,) = set(re.findall(r"{(\w+)}", route)) & set(OWN)
    assert decided(visitor, route, {name: OWN[name](site, "otto")}) == 404
    assert decided(visitor, route, {name: OWN[name](site, "olga")}) is None


def test_every_object_of_an_address_is_tried() -> None:
    """A route about an object that this test cannot make would be tried for nothing."""
    unknown = {
        name: parameter
        for name, told in ROUTES.items()
        for parameter in re.findall(r"{(\w+)", name)
        if parameter not in {*MAKE, *OWN, *PLACES, told.split()[-1]}
    }
    assert not unknown


@pytest.mark.parametrize("route", [name for name, told in ROUTES.items() if told != PUBLIC])
def test_who_is_not_signed_in_gets_nowhere(site: web.Site, route: str) -> None:
    answer = ask(site.visitor(), route, {})
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/login?then=")
    else:
        assert answer.status_code == 401


def test_a_job_is_there_for_whoever_asked_for_it(site: web.Site, visitors: dict[str, web.Visitor]) -> None:
    """A board member may not read the files of the works, but follow what they began themselves."""
    own = {"job": a_job(site, "works", by="boris")}
    for route in ("GET /jobs/{job}", "GET /jobs/{job}/events", "POST /jobs/{job}/cancel"):
        assert decided(visitors["boris"], route, own) is None
        assert decided(visitors["otto"], route, own) == 404
