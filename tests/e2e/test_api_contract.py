"""Schemathesis over the OpenAPI document: no 5xx, and no status, media type or answer it does not state.

Every operation is asked in all phases (examples, coverage, fuzzing, chains of operations), by a token of
somebody who is administrator, officer and reviewer of all, on a small city with data. The seed is fixed.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from apicity import YEAR, City, Program, city, fill
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from starlette.types import ASGIApp, Receive, Scope, Send

from bilanz.app.account import accounts
from bilanz.app.web.api.document import ADDRESS

EXAMPLES: Final = 20
"""Examples of each operation when fuzzing."""

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
DUTIES: Final = [("administrator", ""), ("officer", ""), ("reviewer", "")]


LIKELY: Final = 0.7
"""How often something that is there is asked for, and no invented thing."""


def known(program: Program) -> dict[str, list[Any]]:
    """Return parameter → values that name something in the city."""
    year = {"organisation": "works"}
    return {
        "path.year": [YEAR],
        "path.upload": [one["id"] for one in program.get("/uploads")["items"]],
        "path.batch": [one["id"] for one in program.get("/files")["items"]],
        "path.finding": [one["id"] for one in program.get(f"/review/{YEAR}/findings")["items"]],
        "path.record": [1, 2],
        "path.user": [one["id"] for one in program.get("/users")["items"]],
        "path.job": [program.job(f"/balances/{YEAR}/exports", {"form": "lines"}, params=year)["id"]],
        "path.table": ["sites", "sources", "organisations"],
        "path.form": ["standard.csv"],
        "path.sequence": [1],
        "query.organisation": ["works", "power"],
        "query.source": ["P1"],
        "query.key": ["P1"],
    }


def config(headers: dict[str, str], values: dict[str, list[Any]]) -> SchemathesisConfig:
    """Return what is tried and what is held against the answers."""
    on = {name: {"enabled": True} for name in CHECKS}
    return SchemathesisConfig.from_dict(
        {
            "seed": 6,
            "headers": headers,
            "dictionaries": {name: {"values": held} for name, held in values.items()},
            "parameters": {name: {"dictionary": name, "probability": LIKELY} for name in values},
            "checks": {"enabled": False, **on},
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {
                "coverage": {"unexpected-methods": []},
                "stateful": {"generation": {"max-examples": EXAMPLES}},
            },
            "continue-on-failure": True,
        }
    )


def without_lifespan(app: ASGIApp) -> ASGIApp:
    """Return an application that is started already: it is served by the test."""

    async def http_only(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})

    return http_only


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with city(tmp_path_factory.mktemp("contract")) as found:
        fill(found)
        registry = found.site.server.registry
        accounts.add_user(registry, "eve", "Eve", None, by="test", duties=DUTIES)
        yield found


def test_the_document_states_every_answer(served: City) -> None:
    program = served.program("eve")
    app = without_lifespan(served.site.client.app)
    schema = schemathesis.openapi.from_asgi(ADDRESS, app, config=config(program.headers, known(program)))
    told, asked, errors = Counter[str](), Counter[str](), list[str]()
    carried_out = set[str]()
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            asked.update({event.phase.value: len(event.recorder.interactions)})
            told.update(_failures(event.recorder))
            carried_out.update(_carried_out(event.recorder))
            assert event.status != Status.INTERRUPTED
        elif isinstance(event, NonFatalError):
            errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, FatalError):
            raise event.exception
    assert asked["fuzzing"] > len(list(schema.get_all_operations())), asked
    assert not told, "\n".join(f"{count} × {text}" for text, count in told.most_common(40))
    assert not errors
    operations = {one.ok().label for one in schema.get_all_operations()}
    assert len(carried_out) > len(operations) / 2, sorted(operations - carried_out)


def _carried_out(recorder: Any) -> Iterator[str]:  # noqa: ANN401 - of schemathesis
    """Yield the operations that were carried out, not refused."""
    for identifier, interaction in recorder.interactions.items():
        if interaction.response is not None and interaction.response.status_code < 300:
            yield recorder.cases[identifier].value.operation.label


def _failures(recorder: Any) -> Iterator[str]:  # noqa: ANN401 - of schemathesis
    """Yield what did not agree with the document, with how it was asked."""
    for identifier, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                case = recorder.cases[identifier].value
                failure = check.failure_info.failure
                said = f"{recorder.label} {check.name}: {failure.title} {failure.message}"
                yield f"{said}\n{case.as_curl_command()}"
