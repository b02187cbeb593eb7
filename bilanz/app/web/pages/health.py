"""Whether the server lives and can work, and what it counts."""

from http import HTTPStatus

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from bilanz.app.web import metrics
from bilanz.app.web.guard import public
from bilanz.app.web.state import ServerOf
from bilanz.registry.engine import is_reachable

router = APIRouter(dependencies=[Depends(public)])


@router.get("/healthz")
def alive() -> JSONResponse:
    """Answer."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(server: ServerOf) -> JSONResponse:
    """Answer 200 where registry and queue work, else 503."""
    if not is_reachable(server.registry):
        return JSONResponse({"status": "registry"}, HTTPStatus.SERVICE_UNAVAILABLE)
    if not server.queue.is_alive:
        return JSONResponse({"status": "queue"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ok"})


@router.get("/metrics")
def counters(server: ServerOf) -> Response:
    """Return counters for Prometheus; they name no person and no organisation."""
    return Response(metrics.text(server.registry), media_type=CONTENT_TYPE_LATEST)
