"""A served city whose works heat: 1 000 kWh a month, in May 20 000, at 0.1 kg CO2e a kWh; June is missing."""

import re
import time
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import web

from bilanz.app.balances import latest_result
from bilanz.app.cli import run as command
from bilanz.app.intake.ingest import import_file
from bilanz.app.review.findings import Finding, findings_of

HEADER = "organisation,source,activity,start,end,quantity,unit,quality"
HEAT = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2023-01-01,2025-01-01,CO2e,100,g,kWh,total,AR5,exergy,Certificate
"""
MONTHS = [date(2024, month, 1) for month in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)]
WORKS = "?organisation=works"


def prepare(site: web.Site) -> None:
    """Import the factor and the bills of the works."""
    folder = site.settings.data.parent
    (folder / "heat.csv").write_text(HEAT, encoding="utf-8")
    run(site, "factors", "import", str(folder / "heat.csv"))
    run(site, "source", "add", "H1", "--org", "works", "--activity", "district_heat")
    rows = [bill("H1", month, "20000" if month.month == 5 else "1000") for month in MONTHS]
    take(site, "bills.csv", "works", *rows)


def run(site: web.Site, *arguments: str) -> None:
    assert command([*arguments, "--data-dir", str(site.settings.data), "--json"]) == 0


def bill(source: str, month: date, quantity: str, organisation: str = "works") -> str:
    end = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return f"{organisation},{source},district_heat,{month},{end},{quantity},kWh,billed"


def take(site: web.Site, name: str, organisation: str, *rows: str, header: str = HEADER) -> None:
    path = site.settings.data.parent / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    import_file(path, organisation=organisation, settings=site.settings)


def ordered(visitor: web.Visitor, path: str, data: dict[str, object] | None = None) -> str:
    """Order a job and return the text of the page it leads to; of one that failed its own."""
    answer = visitor.client.post(path, data={"csrf": visitor.csrf, **(data or {})})
    for _ in range(300):
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        if "/jobs/" not in str(answer.url) or "It could not be done" in answer.text:
            return answer.text
        time.sleep(0.1)
        answer = visitor.client.get(str(answer.url))
    raise AssertionError(answer.text)


def calculated(site: web.Site, visitor: web.Visitor, organisation: str = "works") -> Decimal:
    """Order a calculation and return its total in kg."""
    ordered(visitor, f"/balances/2024/calculate?organisation={organisation}")
    return total(site, organisation)


def total(site: web.Site, organisation: str = "works") -> Decimal:
    lines = latest_result(site.settings, 2024, organisation).lines
    return Decimal(lines.filter(pl.col("book") == "bisko")["co2e_kg"].sum())


def suspect(site: web.Site) -> Finding:
    (found,) = (one for one in findings_of(site.settings, 2024) if one.code == "outlier_record")
    return found


def text_of(page: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
