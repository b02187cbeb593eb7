"""The whole way of a league, on fictional towns: files → balances → effects → bundles → board's page.

towns/<town>/data     a data directory each: files imported, five years calculated, effects measured
bundles/<town>-<year> what each publishes, signed
league/data           members, keys, money and projects; effects taken out of the bundles
pages/                the board's page (two languages), its workbook, the league's balance, open data pages
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bilanz.app import demo
from bilanz.app.balances import calculate_year
from bilanz.app.demoleague.declared import (
    FUND_TOML,
    write_correction,
    write_league,
    write_payments,
    write_town,
)
from bilanz.app.demoleague.deliveries import write_deliveries
from bilanz.app.demoleague.towns import LEAGUE_NAME, MUSTERHAFEN, TOWNS, YEARS, Town
from bilanz.app.fund import observations as fundobservations
from bilanz.app.fund.assessment import assess_year
from bilanz.app.fund.board import board_of, write_page, write_workbook
from bilanz.app.fund.effects import measured_effects
from bilanz.app.fund.intake import take_effects
from bilanz.app.intake.ingest import import_file
from bilanz.app.league.publishing import Asked, publish
from bilanz.app.master.data import import_masterdata
from bilanz.app.master.intake import MasterdataSummary
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.fund.terms import FILE
from bilanz.messages import LANGUAGES, Language, translate

MARK: Final = "LIESMICH.txt"
NOTICE: Final = """\
Der Städtebund, seine Städte, Projekte und Zahlen sind erfunden. Keine Zahl darf zitiert werden.
The league, its towns, projects and figures are fictional. No figure may be quoted.
"""
LAST: Final = YEARS[-1]


@dataclass(frozen=True, slots=True)
class LeagueOutcome:
    """What the demonstration left behind. `effects`: project → observations kept."""

    directory: Path
    bundles: tuple[Path, ...]
    effects: dict[str, int]
    pages: tuple[Path, ...]
    language: Language

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "directory": str(self.directory),
            "fictional": True,
            "bundles": [str(path) for path in self.bundles],
            "effects": self.effects,
            "pages": [str(path) for path in self.pages],
        }

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        count = sum(self.effects.values())
        message = (
            "A fictional league of {towns} towns over {years} years; {measured} observations of effects."
        )
        yield translate(message, self.language, towns=len(TOWNS), years=len(YEARS), measured=count)
        yield translate("Pages:", self.language)
        yield from (f"  {path}" for path in self.pages)
        yield translate("Try next:", self.language)
        data = self.directory / "league" / "data"
        yield f"  bilanz fund contributions --year {LAST} --data-dir {data}"
        yield f"  bilanz verify {self.bundles[0]}"
        yield f"  bilanz consolidate {' '.join(str(path) for path in self.bundles)}"


def build(directory: Path, *, fresh: bool = False, language: Language = "en") -> LeagueOutcome:
    """Build the league where it is not there yet.

    Raises:
        UsageError: the directory holds something that is no demonstration.
        Refused: a part of it cannot be read, which is a defect.
    """
    mark = directory / MARK
    if directory.exists() and any(directory.iterdir()):
        if not mark.exists() or not fresh:
            message = "{path} holds something already; --fresh builds the demonstration anew."
            raise UsageError(message, path=directory)
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    mark.write_text(NOTICE, encoding="utf-8")
    effects: dict[str, int] = {}
    bundles = []
    for town in TOWNS:
        settings = town_data(directory / "towns" / town.code, town, language)
        effects[town.code] = measured(settings)
        bundles.append(_published(directory / "bundles" / f"{town.code}-{LAST}", settings, town))
    league = league_data(directory / "league", bundles, language)
    pages = tuple(_pages(directory / "pages", league, bundles))
    return LeagueOutcome(directory, tuple(bundles), effects, pages, language)


def town_data(folder: Path, town: Town, language: Language) -> Settings:
    """Return the data directory of a town with its files imported and its years calculated."""
    if town is MUSTERHAFEN:
        demo.build(folder, language=language)
    settings = Settings(data=folder / "data", lang=language)
    settings.data.mkdir(parents=True, exist_ok=True)
    write_town(folder / "league-masterdata", town)
    _import(folder / "league-masterdata", settings)
    for agency, file in write_deliveries(folder / "league-inbox", town):
        import_file(file, organisation=agency, settings=settings)
    for year in YEARS:
        calculate_year(settings, year, organisation=town.code)
    return settings


def _import(folder: Path, settings: Settings) -> None:
    _check(import_masterdata(folder, settings))


def _check(summary: MasterdataSummary) -> None:
    if summary.exit_code:
        message = "The master data of the demonstration cannot be read: {reason}"
        raise Refused(message, reason=summary.as_json()["issues"][0]["message"])


def measured(settings: Settings) -> int:
    """Keep what the meters of a town say of its projects; return how many observations."""
    effects = measured_effects(settings)
    _check(fundobservations.keep(settings, effects, datetime.now(UTC).date(), "effects"))
    return len(fundobservations.observations_of(effects, settings.lang))


def _published(path: Path, settings: Settings, town: Town) -> Path:
    """Publish the last year of a town; it is open, which the bundle says."""
    given = {
        "publisher": town.name,
        "contact": town.name,
        "contact_mail": f"klima@{town.code}.example",
        "licence": "cc-zero",
        "effects_of_few": True,  # a project is one building of the town, which is public
    }
    asked = Asked(LAST, organisation=town.code, is_open=True, given=given)
    path.parent.mkdir(parents=True, exist_ok=True)
    publish(settings, asked, path)
    return path


def league_data(folder: Path, bundles: list[Path], language: Language) -> Settings:
    """Return the data directory of the league: contributions paid, effects taken over."""
    settings = Settings(data=folder / "data", lang=language)
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / FILE).write_text(FUND_TOML, encoding="utf-8")
    write_league(folder / "masterdata")
    _import(folder / "masterdata", settings)
    for year in YEARS[:-1]:  # the last one stays provisional, so that both are seen
        assess_year(settings, year)
    write_payments(folder / "payments", _due(settings))
    _import(folder / "payments", settings)
    write_correction(folder / "correction")
    reason = "Zensus: Einwohnerzahl berichtigt (fiktiv)"
    _check(import_masterdata(folder / "correction", settings, update=True, reason=reason))
    if bundles:
        take_effects(settings, bundles)
    return settings


def _due(settings: Settings) -> dict[tuple[str, int], Decimal]:
    """Return what every member owes for every year, in its own currency."""
    return {
        (row.organisation, year.year): row.due_own
        for year in board_of(settings, LAST).accounts.years
        for row in year.rows
        if row.due_own is not None
    }


def _pages(folder: Path, league: Settings, bundles: list[Path]) -> Iterator[Path]:
    found = board_of(league, LAST)
    for language in LANGUAGES:
        yield write_page(found, folder / f"fonds-{LAST}.{language}.html", language)
    yield write_workbook(found, folder / f"fonds-{LAST}.xlsx", league.lang)
    from bilanz.app.league.opendata import write_site

    write_site(bundles, folder / "open-data", title=LEAGUE_NAME)
    yield folder / "open-data" / "index.html"
