"""Commands about memberships and internal deliveries: list them, take back what was declared by mistake."""

from typing import Annotated

import typer

from bilanz.app.cli import options
from bilanz.app.cli.options import DataDirectory, Json, Lang, text
from bilanz.app.cli.output import answer, table
from bilanz.messages import translate


def register(app: typer.Typer) -> None:
    """Add the commands."""
    members = typer.Typer(no_args_is_help=True, help=text("Dated memberships: list, remove."))
    members.command("list", help=text("List who belongs to whom, with shares and control."))(list_members)
    members.command("remove", help=text("Remove a declared membership."))(remove_member)
    app.add_typer(members, name="membership")
    deliveries = typer.Typer(no_args_is_help=True, help=text("Internal deliveries: list, remove."))
    deliveries.command("list", help=text("List the declared deliveries."))(list_deliveries)
    deliveries.command("remove", help=text("Remove a declared delivery."))(remove)
    app.add_typer(deliveries, name="internal-delivery")


def list_members(*, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None) -> None:
    """List who belongs to whom; what is not declared follows the parent of the organisation."""
    from bilanz.app.cli.catalogue import rows_of_registry
    from bilanz.registry.memberships import memberships_frame

    rows = rows_of_registry(options.settings(data_directory, lang), memberships_frame)
    headers = ["organisation", "parent", "valid_from", "valid_to", "equity_share"]
    headers += ["operational_control", "financial_control", "is_declared"]
    cells = [[row[name] for name in headers] for row in rows]
    answer({"memberships": rows}, table(headers, cells, options.language(lang)), as_json=as_json)


def remove_member(
    organisation: Annotated[str, typer.Argument(help=text("Organisation whose membership it is."))],
    *,
    start: Annotated[str, typer.Option("--from", help=text("First day, YYYY-MM-DD."))],
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Remove a declared membership; without any the parent of the organisation counts again."""
    from bilanz.registry.engine import open_registry
    from bilanz.registry.memberships import remove_membership

    chosen, day = options.settings(data_directory, lang), options.day(start)
    registry = open_registry(chosen.registry)
    try:
        remove_membership(registry, organisation, day)
    finally:
        registry.close()
    message = "The membership of {name} from {day} on was removed."
    said = translate(message, chosen.lang, name=organisation, day=day)
    answer({"organisation": organisation, "valid_from": start}, [said], as_json=as_json)


def list_deliveries(
    *, data_directory: DataDirectory = None, as_json: Json = False, lang: Lang = None
) -> None:
    """List the declared deliveries."""
    from bilanz.app.cli.catalogue import rows_of_registry
    from bilanz.registry.deliveries import deliveries_frame

    rows = rows_of_registry(options.settings(data_directory, lang), deliveries_frame)
    headers = ["id", "kind", "seller", "buyer", "activity", "seller_source", "buyer_source"]
    headers += ["valid_from", "valid_to"]
    cells = [[row[name] for name in headers] for row in rows]
    answer({"deliveries": rows}, table(headers, cells, options.language(lang)), as_json=as_json)


def remove(
    identifier: Annotated[str, typer.Argument(help=text("Identifier of the delivery."))],
    *,
    data_directory: DataDirectory = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Remove a declared delivery: nothing is eliminated for it any more."""
    from bilanz.registry.deliveries import remove_delivery
    from bilanz.registry.engine import open_registry

    chosen = options.settings(data_directory, lang)
    registry = open_registry(chosen.registry)
    try:
        remove_delivery(registry, identifier)
    finally:
        registry.close()
    message = translate("The delivery {name} was removed.", chosen.lang, name=identifier)
    answer({"delivery": identifier}, [message], as_json=as_json)
