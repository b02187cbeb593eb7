"""Choosing a password by the link an administrator has handed out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from bilanz.access import User
from bilanz.app.account import accounts
from bilanz.app.account.passwords import LEAST
from bilanz.app.web import security
from bilanz.app.web.forms import expected, form_token, with_form
from bilanz.app.web.guard import check_form, public
from bilanz.app.web.invitations import invited
from bilanz.app.web.language import language_of
from bilanz.app.web.pages.signing import known
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import UsageError
from bilanz.messages import translate

router = APIRouter(dependencies=[Depends(public)])


@router.get("/invitation")
def show(request: Request, server: ServerOf, ticket: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """Show the form."""
    return _form(request, server, invited(server, ticket), ticket)


@router.post("/invitation")
async def choose(
    request: Request,
    server: ServerOf,
    ticket: Annotated[str, Form(max_length=1000)],
    password: Annotated[str, Form(max_length=1024)],
    again: Annotated[str, Form(max_length=1024)],
) -> Response:
    """Keep the password and let its owner in."""
    await check_form(request, expected(request, server))
    return await run_in_threadpool(_chosen, request, server, ticket, password, again)


def _chosen(request: Request, server: Server, ticket: str, password: str, again: str) -> Response:
    user = invited(server, ticket)
    try:
        check_again(password, again)
        accounts.set_password(server.registry, user, password, by=user.login)
    except UsageError as error:
        said = translate(error.template, language_of(request), **error.parameters)
        return _form(request, server, user, ticket, said)
    security.note(server, request, "password_chosen", user.login)
    return known(request, server, user, "/")


def check_again(password: str, again: str) -> None:
    """Let only a password go on that was written twice.

    Raises:
        UsageError: the second one is another.
    """
    if password != again:
        raise UsageError("The two passwords are not the same.")


def _form(request: Request, server: Server, user: User, ticket: str, problem: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    token = form_token(request, server)
    answer = page(
        request,
        "invitation.html.jinja",
        status=status,
        user=user,
        ticket=ticket,
        problem=problem,
        least=LEAST,
        form_token=token,
    )
    return with_form(answer, server, token)
