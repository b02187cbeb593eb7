"""What the server counts for Prometheus: requests by route and answer, jobs by state; no person."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bilanz.job import JobState
from bilanz.registry.engine import Registry
from bilanz.registry.jobs import unfinished

_COUNTED: Final = CollectorRegistry()
ProcessCollector(registry=_COUNTED)
PlatformCollector(registry=_COUNTED)
_SECONDS: Final = Histogram(
    "bilanz_request_seconds",
    "Seconds until the answer was sent, by method, route and status.",
    ["method", "route", "status"],
    registry=_COUNTED,
)
_JOBS: Final = Gauge("bilanz_jobs", "Jobs that are not over, by state.", ["state"], registry=_COUNTED)
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"})


class Measured:
    """Counts every request, whatever became of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            seconds = time.perf_counter() - began
            _SECONDS.labels(method, _route(scope), str(status)).observe(seconds)


def _route(scope: Scope) -> str:
    """Return the pattern of the route, never the address: that names objects and can be anything."""
    found = scope.get("route")
    return str(getattr(found, "path", "none"))


def text(registry: Registry) -> bytes:
    """Return all counters in the text format of Prometheus."""
    open_ = [job.state for job in unfinished(registry)]
    for state in (JobState.QUEUED, JobState.RUNNING):
        _JOBS.labels(state.value).set(open_.count(state.value))
    return generate_latest(_COUNTED)
