"""The application: everything put together."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from bilanz.app.alone import only_one
from bilanz.app.master import evidence as masterevidence
from bilanz.app.queue import Queue
from bilanz.app.settings import Settings
from bilanz.app.upkeep import settle
from bilanz.app.upload.uploads import discard_abandoned
from bilanz.app.web import problems
from bilanz.app.web.api import document
from bilanz.app.web.api.resources import RESOURCES
from bilanz.app.web.headers import Headers, Limited
from bilanz.app.web.jobs import KINDS
from bilanz.app.web.metrics import Measured
from bilanz.app.web.pages import (
    account,
    assessment,
    balances,
    downloads,
    evidence,
    exceptions,
    explanation,
    files,
    fund,
    health,
    invitation,
    mapping,
    master,
    masterfiles,
    masterforms,
    oidc,
    periods,
    review,
    signing,
    start,
    tour,
    trail,
    uploads,
    users,
    values,
    work,
)
from bilanz.app.web.sessions import cookie_name
from bilanz.app.web.state import Server, key_of
from bilanz.app.web.throttle import Throttled
from bilanz.errors import UsageError
from bilanz.registry.engine import open_registry
from bilanz.store.connection import open_store, shared_by_threads

_HERE: Final = Path(__file__).parent
KERN: Final = _HERE / "assets" / "node_modules" / "@kern-ux" / "native" / "dist"
PAGES: Final = (
    signing,
    invitation,
    oidc,
    start,
    account,
    users,
    trail,
    work,
    health,
    balances,
    evidence,
    explanation,
    downloads,
    fund,
    assessment,
    masterfiles,
    master,
    masterforms,
    uploads,
    mapping,
    files,
    review,
    exceptions,
    values,
    periods,
    tour,
)
_SERVED: Final = "Another server works on {data}: two would take each other's jobs."
MOST_BYTES: Final = 2 * 1024**2
"""Size of a request that uploads nothing."""


def application(settings: Settings, *, is_secure: bool = False) -> FastAPI:
    """Return the application over a data directory.

    Args:
        settings: where the data lies.
        is_secure: it is reached over HTTPS only.

    Raises:
        UsageError: the style sheets are not there.
    """
    if not KERN.is_dir():
        raise UsageError("The style sheets are missing: make assets.", code="no_assets")
    registry = open_registry(settings.registry)
    queue = Queue(settings, registry, KINDS)
    server = Server(settings, registry, queue, key_of(settings.data), is_secure)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with only_one(settings.data, "serve", _SERVED), shared_by_threads(settings.store_file):
            with open_store(settings.store_file, wait=settings.wait) as store:
                settle(registry, store)
            discard_abandoned(settings, registry)
            queue.start()
            try:
                yield
            finally:
                queue.stop()
                registry.close()

    app = FastAPI(
        title="bilanz",
        version=version("bilanz"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request names
    )
    app.state.server = server
    problems.install(app)
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    for resource in RESOURCES:
        app.include_router(resource.router)
    document.install(app, app.version)
    form = masterevidence.MOST_BYTES + MOST_BYTES  # the file with the rest of the form
    app.add_middleware(Limited, most=MOST_BYTES, uploads=settings.upload_bytes, evidence=form)
    app.add_middleware(Throttled, cookie=cookie_name(server))
    app.add_middleware(Measured)
    app.add_middleware(Headers, is_secure=is_secure)
    app.mount("/static/kern", StaticFiles(directory=KERN))
    app.mount("/static/own", StaticFiles(directory=_HERE / "static"))
    app.add_route("/static/plotly.js", _plotly, include_in_schema=False)
    return app


def _plotly(request: Request) -> Response:
    """Return plotly.js as its package ships it."""
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"content-encoding": "gzip"} if is_packed else {}
    headers["vary"] = "accept-encoding"
    body = _packed() if is_packed else gzip.decompress(_packed())
    return Response(body, media_type="text/javascript", headers=headers)


@cache
def _packed() -> bytes:
    from plotly.offline import get_plotlyjs

    return gzip.compress(get_plotlyjs().encode())
