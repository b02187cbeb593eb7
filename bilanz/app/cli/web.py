"""Commands of the web application: the server, and who may sign in."""

import os
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import By, DataDirectory, Json, Lang, text
from bilanz.app.cli.output import answer, table
from bilanz.errors import UsageError
from bilanz.messages import translate

if TYPE_CHECKING:
    from bilanz.app.settings import Settings

_PATIENCE = 10
"""Seconds open connections are waited for at the end: whoever follows a job keeps one open."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SUBJECT = (
    "Identity (sub) at the service of BILANZ_OIDC; the user then signs in there, without a password here."
)
_ROLE = "DUTY or DUTY@ORGANISATION, e.g. officer@stadtwerke; without organisation: everywhere. Repeatable."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve", help=text("Serve the web application."))(serve)
    users = typer.Typer(no_args_is_help=True, help=text("Users of the web application."))
    users.command("add", help=text("Add a user; the password is asked for, or read from BILANZ_PASSWORD."))(
        add
    )
    users.command("list", help=text("List users and what they may do."))(list_users)
    users.command("grant", help=text("Replace what a user may do."))(grant)
    users.command("password", help=text("Give a user a new password."))(password)
    users.command(
        "identity", help=text("Link a user with an identity of the sign-in service; without: with none.")
    )(identity)
    users.command("lock-out", help=text("Lock a user out; sessions end and tokens are revoked."))(lock_out)
    users.command("let-in", help=text("Let a user who was locked out sign in again."))(let_in)
    app.add_typer(users, name="user")


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help=text("Address to listen at."))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=text("Port to listen at."))] = 8000,
    behind_https: Annotated[
        bool,
        typer.Option(
            "--behind-https", help=text("A proxy in front serves HTTPS: cookies go over HTTPS only.")
        ),
    ] = False,
    data_directory: DataDirectory = None,
    lang: Lang = None,
) -> None:
    """Serve the web application until the process is told to end.

    Raises:
        UsageError: it is to be reached from elsewhere without HTTPS.
    """
    import uvicorn

    from bilanz.app.web.server import application

    if host not in _LOOPBACK and not behind_https:
        message = (
            "Passwords must not travel unencrypted: let a proxy serve HTTPS and say --behind-https, "
            "or listen at 127.0.0.1."
        )
        raise UsageError(message)
    app = application(options.settings(data_directory, lang), is_secure=behind_https)
    uvicorn.run(
        app,
        host=host,
        port=port,
        proxy_headers=behind_https,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=_PATIENCE,
    )


def add(
    login: Annotated[str, typer.Argument(help=text("What the user signs in with."))],
    *,
    name: Annotated[str | None, typer.Option("--name", help=text("The user's name."))] = None,
    duty: Annotated[list[str] | None, typer.Option("--duty", help=text(_ROLE))] = None,
    subject: Annotated[str | None, typer.Option("--subject", help=text(_SUBJECT))] = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Add a user with what they may do; with an identity of the sign-in service they need no password."""
    from bilanz.app.account import accounts
    from bilanz.app.web.oidc import linked
    from bilanz.registry.engine import open_registry

    chosen = options.settings(data_directory, lang, by=by)
    named = linked(chosen, subject)
    with closing(open_registry(chosen.registry)) as registry:
        made = accounts.add_user(
            registry,
            login,
            name or login,
            None if named else _password(),
            by=chosen.user,
            subject=named,
            duties=[_duty(told) for told in duty or ()],
        )
    said = translate("The user {login} was added.", chosen.lang, login=made.login)
    answer({"login": made.login, "duties": sorted(duty or ())}, [said], as_json=as_json)


def list_users(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List users and what they may do."""
    from bilanz.app.account import accounts
    from bilanz.app.trail import existing
    from bilanz.registry import users

    chosen = options.settings(data_directory, lang)
    with closing(existing(chosen)) as registry:
        told = [
            {
                "login": user.login,
                "name": user.name,
                "state": accounts.standing(user).value,
                "identity": user.subject,
                "duties": [
                    f"{one.duty}@{one.organisation}".rstrip("@") for one in users.grants(registry, user.id)
                ],
            }
            for user in users.users(registry)
        ]
    rows = [[str(row["login"]), str(row["name"]), str(row["state"]), _listed(row["duties"])] for row in told]
    answer({"users": told}, table(["login", "name", "state", "duties"], rows, chosen.lang), as_json=as_json)


def grant(
    login: Annotated[str, typer.Argument(help=text("What the user signs in with."))],
    *,
    duty: Annotated[list[str] | None, typer.Option("--duty", help=text(_ROLE))] = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Replace what a user may do; without a duty: nothing any more."""
    from bilanz.app.account import accounts
    from bilanz.app.trail import existing

    chosen = options.settings(data_directory, lang, by=by)
    with closing(existing(chosen)) as registry:
        user = accounts.known(registry, login)
        accounts.grant(registry, user, [_duty(told) for told in duty or ()], by=chosen.user)
    said = translate("The rights of {login} were changed.", chosen.lang, login=user.login)
    answer({"login": user.login, "duties": sorted(duty or ())}, [said], as_json=as_json)


def password(
    login: Annotated[str, typer.Argument(help=text("What the user signs in with."))],
    *,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Give a user a new password; an account that rests is open again."""
    from bilanz.app.account import accounts
    from bilanz.app.trail import existing

    chosen = options.settings(data_directory, lang, by=by)
    with closing(existing(chosen)) as registry:
        user = accounts.known(registry, login)
        accounts.set_password(registry, user, _password(), by=chosen.user)
    said = translate("The password of {login} was changed.", chosen.lang, login=user.login)
    answer({"login": user.login}, [said], as_json=as_json)


def identity(
    login: Annotated[str, typer.Argument(help=text("What the user signs in with."))],
    *,
    subject: Annotated[str | None, typer.Option("--subject", help=text(_SUBJECT))] = None,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Link a user with an identity of the sign-in service, or with none; their sessions end."""
    from bilanz.app.account import accounts
    from bilanz.app.trail import existing
    from bilanz.app.web.oidc import linked
    from bilanz.registry import sessions

    chosen = options.settings(data_directory, lang, by=by)
    named = linked(chosen, subject)
    with closing(existing(chosen)) as registry:
        user = accounts.known(registry, login)
        accounts.set_subject(registry, user, named, by=chosen.user)
        sessions.end_sessions(registry, user.id)
    said = translate("The identity of {login} was changed.", chosen.lang, login=user.login)
    answer({"login": user.login, "identity": named}, [said], as_json=as_json)


def lock_out(
    login: Annotated[str, typer.Argument(help=text("What the user signs in with."))],
    *,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Lock a user out; sessions end and tokens are revoked."""
    chosen = options.settings(data_directory, lang, by=by)
    known = _set_active(chosen, login, is_active=False)
    said = translate("The user {login} was locked out.", chosen.lang, login=known)
    answer({"login": known, "is_active": False}, [said], as_json=as_json)


def let_in(
    login: Annotated[str, typer.Argument(help=text("What the user signs in with."))],
    *,
    by: By = None,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Let a user who was locked out sign in again."""
    chosen = options.settings(data_directory, lang, by=by)
    known = _set_active(chosen, login, is_active=True)
    said = translate("The user {login} may sign in again.", chosen.lang, login=known)
    answer({"login": known, "is_active": True}, [said], as_json=as_json)


def _set_active(chosen: "Settings", login: str, *, is_active: bool) -> str:
    from bilanz.app.account import accounts
    from bilanz.app.trail import existing

    with closing(existing(chosen)) as registry:
        user = accounts.known(registry, login)
        accounts.set_active(registry, user, is_active=is_active, by=chosen.user)
    return user.login


def _password() -> str:
    """Return a password: from the environment, else asked for twice."""
    from_environment = os.environ.get("BILANZ_PASSWORD")
    if from_environment is not None:
        return from_environment
    asked: str = typer.prompt(text("Password"), hide_input=True, confirmation_prompt=True)
    return asked


def _listed(duties: object) -> str:
    return ", ".join(duties) if isinstance(duties, list) and duties else "–"


def _duty(told: str) -> tuple[str, str]:
    duty, _, organisation = told.partition("@")
    return duty, organisation
