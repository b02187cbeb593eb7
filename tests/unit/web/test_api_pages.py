"""What the pages do, programs can do: every action of a page has its counterpart in the API."""

from typing import Final

import pytest
import web
from fastapi.routing import APIRoute, iter_route_contexts

from bilanz.app.web.api.base import PREFIX
from bilanz.app.web.server import application

BROWSER: Final = "the session and its secrets: a token must not reach them"

ACTIONS: Final = {
    "POST /login": BROWSER,
    "POST /login/code": BROWSER,
    "POST /logout": BROWSER,
    "POST /invitation": BROWSER,
    "POST /account/password": BROWSER,
    "POST /account/factor": BROWSER,
    "POST /account/factor/off": BROWSER,
    "POST /account/sessions/{session}/end": BROWSER,
    "POST /account/sessions/end": BROWSER,
    "POST /account/tokens": "POST /tokens",
    "POST /account/tokens/{token}/revoke": "DELETE /tokens/{token}",
    "POST /users/new": "POST /users",
    "POST /users/{user}/grants": "PATCH /users/{user}",
    "POST /users/{user}/invite": "POST /users/{user}/invite",
    "POST /users/{user}/active": "PATCH /users/{user}",
    "POST /users/{user}/unlock": "PATCH /users/{user}",
    "POST /users/{user}/factor": "PATCH /users/{user}",
    "POST /users/{user}/identity": "PATCH /users/{user}",
    "POST /jobs/{job}/cancel": "POST /jobs/{job}/cancel",
    "POST /uploads": "POST /uploads",
    "POST /uploads/{upload}/terms": "POST /uploads/{upload}/terms",
    "POST /uploads/{upload}/commit": "POST /uploads/{upload}/commit",
    "POST /uploads/{upload}/discard": "POST /uploads/{upload}/discard",
    "POST /uploads/{upload}/mapping": "POST /uploads/{upload}/mapping, POST /uploads/{upload}/mapping/keep",
    "POST /files/{batch}/withdraw": "POST /files/{batch}/withdraw",
    "POST /balances/{year}/calculate": "POST /balances/{year}/calculate",
    "POST /balances/{year}/exports": "POST /balances/{year}/exports",
    "POST /fund/assess": "POST /fund/{year}/assessments",
    "POST /review/{year}/fill": "POST /review/{year}/fill",
    "POST /review/{year}/pairs": (
        "POST /review/{year}/pairs/{pair}/confirm, POST /review/{year}/pairs/{pair}/reopen"
    ),
    "POST /review/{year}/value": ", ".join(
        [
            *(
                f"POST /review/{{year}}/findings/{{finding}}/{what}"
                for what in ("confirm", "reopen", "correct", "exclude", "include")
            ),
            *(f"POST /review/records/{{record}}/{what}" for what in ("correct", "exclude", "include")),
        ]
    ),
    "POST /review/{year}/period/release": "POST /periods/{year}/release",
    "POST /review/{year}/period/close": "POST /periods/{year}/close",
    "POST /review/{year}/period/reopen": "POST /periods/{year}/reopen",
    "POST /review/{year}/period/restate": "POST /periods/{year}/restate",
    "POST /master/{table}/new": "PUT /master/{table}/row",
    "POST /master/{table}/row": "PUT /master/{table}/row",
    "POST /master/{table}/uploads": "POST /master/{table}/evidence/uploads",
    "POST /master/instruments/remove": "DELETE /master/instruments/row",
    "POST /master/{table}/withdraw": "DELETE /master/{table}/row",
    "POST /master/import": "POST /master/import",
    "POST /master/import/take": "POST /master/import",
}
"""Action of a page → the operations of the API, below `/api/v1`, or why there is none."""

FILES: Final = {
    "GET /uploads/{upload}/rejects.csv": "GET /uploads/{upload}/rejects",
    "GET /files/{batch}/original": "GET /files/{batch}/original",
    "GET /forms/{form}": "GET /forms/{form}",
    "GET /fund/workbook": "GET /fund/{year}/workbook",
    "GET /downloads/{job}": "GET /jobs/{job}/file",
    "GET /balances/{year}/tables/{panel}": "GET /balances/{year}/sums",
    "GET /master/export": "GET /master/export",
    "GET /master/{table}.csv": "GET /master/{table}/export",
    "GET /master/{table}/evidence": "GET /master/{table}/evidence/{sha256}",
    "GET /trail/export": "GET /trail/export",
}
"""What a page hands out → the operation that does."""


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    app = application(web.settings_of(tmp_path_factory.mktemp("routes")))
    return {
        f"{method} {route.path_format}"
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    }


def test_every_action_of_a_page_is_listed(routes: set[str]) -> None:
    pages = {name for name in routes if PREFIX not in name and not name.startswith(("GET ", "HEAD "))}
    assert len(pages) > 30
    assert pages == set(ACTIONS)
    assert set(FILES) <= routes


def test_every_counterpart_is_there(routes: set[str]) -> None:
    told = {**ACTIONS, **FILES}
    wanted = {one for text in told.values() if text != BROWSER for one in text.split(", ")}
    ours = {name.replace(f" {PREFIX}", " ") for name in routes if f" {PREFIX}" in name}
    assert wanted <= ours, wanted - ours
