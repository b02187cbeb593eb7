"""What went wrong, as a page for people and as `application/problem+json` (RFC 9457) for programs."""

import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from bilanz.app.web.headers import KEPT_BY_NOBODY, headers_of
from bilanz.app.web.language import language_of
from bilanz.app.web.views import page
from bilanz.errors import (
    AlreadyImported,
    BilanzError,
    Forbidden,
    NotSignedIn,
    Refused,
    StoreBusy,
    UnitError,
    UnknownName,
    UsageError,
)
from bilanz.messages import translate

API: Final = "/api/"
_RETRY_SECONDS: Final = 5
_STATUS: Final[tuple[tuple[type[BilanzError], HTTPStatus], ...]] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (UnknownName, HTTPStatus.NOT_FOUND),
    (AlreadyImported, HTTPStatus.CONFLICT),
    (Refused, HTTPStatus.CONFLICT),
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnitError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreBusy, HTTPStatus.SERVICE_UNAVAILABLE),
)
_TITLES: Final = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood",
    HTTPStatus.UNAUTHORIZED: "Sign in first",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Not possible here",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large",
    HTTPStatus.CONFLICT: "Not possible as things are",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not taken in this form",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something stated is not right",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "Busy at the moment",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The program failed",
}

_log = logging.getLogger("bilanz.web")


def status_of(error: BilanzError) -> HTTPStatus:
    """Return the status of an answer to what cannot be carried out."""
    found = (status for kind, status in _STATUS if isinstance(error, kind))
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def install(app: FastAPI) -> None:
    """Let an application answer everything that goes wrong here."""

    @app.exception_handler(BilanzError)
    def _expected(request: Request, error: BilanzError) -> Response:
        return answer(request, status_of(error), error.code, error.template, error.parameters)

    @app.exception_handler(RequestValidationError)
    def _malformed(request: Request, error: RequestValidationError) -> Response:
        where = [
            ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]) for one in error.errors()
        ]
        named = ", ".join(dict.fromkeys(where))
        message = "Missing or not as expected: {where}."
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", message, {"where": named})

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        _know(request)
        found = answer(request, status, status.phrase.lower().replace(" ", "_"), _DETAILS.get(status, ""), {})
        found.headers.update(error.headers or {})
        return found

    @app.exception_handler(Exception)
    def _defect(request: Request, error: Exception) -> Response:
        # Quoted: an address may hold what begins a new line of the log.
        _log.error("%s %s failed", request.method, quote(request.url.path), exc_info=error)
        found = answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "defect", _DEFECT, {})
        # The last resort lies outside of everything that adds headers.
        is_secure = request.app.state.server.is_secure
        found.headers.update(headers_of(is_secure=is_secure) | KEPT_BY_NOBODY)
        return found


def _know(request: Request) -> None:
    """Let the page of an address nobody answers be the caller's: no guard has looked who asks."""
    from bilanz.app.web.guard import caller_of

    if not request.url.path.startswith(API) and not hasattr(request.state, "caller"):
        request.state.caller = caller_of(request.app.state.server, request)


_DEFECT: Final = "The program failed. The administrator finds the details in the log of the server."
_DETAILS: Final = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take such requests.",
    HTTPStatus.BAD_REQUEST: "The request cannot be understood.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "What was sent is larger than the server takes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send it as a form (multipart/form-data).",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests in a short time. Wait a moment, then try again.",
}


def answer(
    request: Request, status: HTTPStatus, code: str, template: str, parameters: dict[str, Any]
) -> Response:
    """Return the page or the JSON that says what is wrong; whoever is not signed in is led to do so."""
    caller = getattr(request.state, "caller", None)
    language = caller.language if caller else language_of(request)
    title = translate(_TITLES.get(status, status.phrase), language)
    detail = translate(template, language, **parameters) if template else title
    headers = {"retry-after": str(_RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if request.url.path.startswith(API):
        told = {"type": "about:blank", "title": title, "status": int(status), "detail": detail, "code": code}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["www-authenticate"] = "Bearer"
        return JSONResponse(told, status, headers, media_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        then = quote(here if request.method == "GET" else "/", safe="")
        return RedirectResponse(f"/login?then={then}", HTTPStatus.SEE_OTHER)
    found = page(request, "problem.html.jinja", status=status, title=title, detail=detail)
    found.headers.update(headers)
    return found
