"""The demonstration: the fictional city Musterhafen through the same path as everybody's files."""

import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bilanz.app.batch.run import RunOutcome, run
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.messages import Language, translate

_MARK = "LIESMICH.txt"
_NOTICE = """\
Musterhafen ist erfunden. Nichts in diesem Ordner gibt es wirklich, keine Zahl darf zitiert werden.
Musterhafen is fictional. Nothing in this folder exists, and no figure may be quoted.
"""
_CONFIG = """\
# Musterhafen (fiktiv / fictional). Try: bilanz run --config run.toml
data = "data"
output = "dashboards"
years = [{years}]
languages = [{languages}]
settle = 0  # the files of the demonstration are complete when they appear
{inboxes}"""
_INBOX = """
[[inbox]]
organisation = "{organisation}"
folder = "inbox/{organisation}"
"""


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demonstration left behind."""

    directory: Path
    run: RunOutcome
    language: Language

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        results = Counter(file.result for file in self.run.files)
        return {
            "directory": str(self.directory),
            "fictional": True,
            "files": dict(results),
            "years": [year.as_json() for year in self.run.years],
            "dashboards": [str(page) for page in dashboards(self.directory)],
            "commands": list(self.commands()),
        }

    def lines(self) -> Iterator[str]:
        """Yield what a person reads: what happened, where the dashboards lie, what to try next."""
        results = Counter(file.result for file in self.run.files)
        if self.run.files:
            template = (
                "{files} files of the fictional city Musterhafen: {imported} imported, {rejects} with "
                "rejected rows, {failed} refused. The blemishes are meant; beside each file lies its report."
            )
            counts = {name: results[name] for name in ("imported", "rejects", "failed")}
            yield translate(template, self.language, files=len(self.run.files), **counts)
        else:
            yield translate("The demonstration is there already (--fresh builds it anew).", self.language)
        for year in self.run.years:
            yield translate("{year}: {exceptions} exceptions.", self.language, **year.as_json())
        yield translate("Dashboards:", self.language)
        yield from (f"  {page}" for page in dashboards(self.directory))
        yield translate("Try next:", self.language)
        yield from (f"  {command}" for command in self.commands())

    def commands(self) -> Iterator[str]:
        """Yield five commands that work on what is there now."""
        data = ("--data-dir", str(self.directory / "data"))
        refused = self.directory / "inbox" / "fuhrpark" / "failed" / "Brennholz_Bauhof.csv"
        year = ("--year", "2024")
        gas = ("--activity", "natural_gas")
        asked = ("--quantity", "1000", "--unit", "kWh", "--basis", "Hs", "--date", "2024-06-30")
        for words in (
            ("calculate", *year, *data),
            ("explain", *year, "--org", "rathaus", *gas, "--month", "2024-01", *data),
            ("import", str(refused), "--org", "fuhrpark", "--declare", "Menge=1,234.56", "--dry-run"),
            ("estimate", *gas, *asked),
            ("run", "--config", str(self.directory / "run.toml")),
        ):
            yield shlex.join((_program(), *words))


def build(directory: Path, *, fresh: bool = False, language: Language = "en") -> DemoOutcome:
    """Build the city where it is not there yet, and run it.

    Raises:
        UsageError: the directory holds something that is no demonstration.
    """
    mark = directory / _MARK
    if directory.exists() and any(directory.iterdir()) and not mark.exists():
        message = "{path} holds something else than a demonstration; nothing was touched."
        raise UsageError(message, path=directory)
    if fresh and mark.exists():
        shutil.rmtree(directory)
    if not (directory / "run.toml").exists():
        write_city(directory)
        _register(directory, language)
        _write_config(directory, language)
    return DemoOutcome(directory, run(directory / "run.toml", language=language), language)


def write_city(directory: Path) -> None:
    """Write the files of all organisations and the master data."""
    from bilanz.app.musterhafen import bills, fuel, invoices, masterdata, metering, purchases

    directory.mkdir(parents=True, exist_ok=True)
    (directory / _MARK).write_text(_NOTICE, encoding="utf-8")
    inbox = directory / "inbox"
    bills.write_bills(inbox)
    fuel.write_fuel_cards(inbox)
    invoices.write_invoices(inbox)
    metering.write_metering(inbox)
    purchases.write_purchases(inbox)
    masterdata.write_masterdata(directory / "masterdata")


def _write_config(directory: Path, language: Language) -> None:
    """Write `run.toml`; it comes last, so that it stands for a city that is complete."""
    from bilanz.app.musterhafen.city import ORGANISATIONS, YEARS

    agencies = [unit.code for unit in ORGANISATIONS if unit.parent]
    languages = ("de", "en") if language == "de" else ("en", "de")
    text = _CONFIG.format(
        years=", ".join(str(year) for year in YEARS),
        languages=", ".join(f'"{name}"' for name in languages),
        inboxes="".join(_INBOX.format(organisation=organisation) for organisation in agencies),
    )
    (directory / "run.toml").write_text(text, encoding="utf-8")


def dashboards(directory: Path) -> list[Path]:
    """Return the pages the runs have left, by name."""
    return sorted((directory / "dashboards").glob("*.html"))


def _register(directory: Path, language: Language) -> None:
    from bilanz.app.master.data import import_masterdata

    settings = Settings(data=directory / "data", lang=language)
    settings.data.mkdir(parents=True, exist_ok=True)
    summary = import_masterdata(directory / "masterdata", settings)
    if summary.exit_code:
        message = "The master data of the demonstration cannot be read: {reason}"
        raise Refused(message, reason=summary.as_json()["issues"][0]["message"])


def _program() -> str:
    """Return how this program was called, so that the commands can be copied."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "bilanz" and not called.is_absolute() else "bilanz"
