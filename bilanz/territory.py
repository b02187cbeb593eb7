"""Final energy of a territory: year × sector × carrier × use, out of a run that does not know sectors.

    records of the territory ──► (organisation, source, activity) → sector, grade of data
    usage, lines, exceptions ──► parts    with sector, grade and net energy (Hi); nothing is dropped
    parts                    ──► cells    sector × carrier × use
    municipality's balance   ──► taken off commerce once, shown as municipal: the total stays what it was

The invariant: energy and emissions of the cells are those of the parts, and the parts hold every quantity of
the territory that is final energy; checked, not hoped. What is no final energy stands in `outside`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import UnitError
from bilanz.records import QUANTITY, Basis, Direction, Role
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, MASS, USAGE_SCHEMA
from bilanz.slices import QuantityLost
from bilanz.territorial import GRADES, SECTORS, TerritoryMethod
from bilanz.units import dimension

_TYPE = pl.DataType | type[pl.DataType]

RECORD_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "sector": pl.String,
    "grade": pl.String,  # A to D; null: not graded
    "vehicle": pl.String,
    "unit": pl.String,
    "quantity": pl.Decimal(38, 6),
    "is_zero": pl.Boolean,
    "is_confirmed": pl.Boolean,  # marked as a confirmed zero; says nothing beside another quantity
    "leaves_year": pl.Boolean,  # a part of the quantity is of another year
    "records": pl.Int64,
}
"""What the records of territories say of a year beside the run: see `bilanz.store.territory`."""

_ENERGIES: Final = {grade: f"energy_{grade.lower()}" for grade in GRADES}
UNGRADED: Final = "energy_ungraded"
GRADE_COLUMNS: Final = (*_ENERGIES.values(), UNGRADED)

CELL_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "year": pl.Int32,
    "sector": pl.String,  # null: no record of the territory says which
    "carrier": pl.String,
    "carrier_en": pl.String,
    "use": pl.String,
    "energy_kwh": QUANTITY,  # net calorific value
    "co2e_kg": MASS,
    "gaps": pl.Int64,  # entries without a factor, or whose energy has no net value
    "factors": pl.String,  # identifiers, one a line
    **dict.fromkeys(GRADE_COLUMNS, QUANTITY),
}

OUTSIDE_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "sector": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "unit": pl.String,
    "quantity": QUANTITY,
    "reason": pl.String,  # generated, fed_in, …: no consumption; not_energy; else the code of an exception
}

MUNICIPAL_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,  # the territory
    "carrier": pl.String,
    "use": pl.String,
    "energy_kwh": QUANTITY,
    **dict.fromkeys(GRADE_COLUMNS, QUANTITY),
}

FINDING_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "code": pl.String,
    "subject": pl.String,  # carrier, source or organisation
    "value": QUANTITY,
    "other": QUANTITY,
}

_KEY: Final = ("organisation", "source", "activity")
_CELL: Final = ("organisation", "sector", "carrier", "use")
_PART: Final = (*_CELL, "activity", "grade", "is_gross")
_OWN: Final = (Role.CONSUMED.value, Role.DELIVERED.value)
_IS_OWN: Final = (pl.col("direction") == Direction.CONSUMPTION.value) & pl.col("role").is_in(_OWN)
_DIGITS: Final = 60
_KWH: Final = Decimal("0.000001")
_KG: Final = Decimal("0.000000000001")

NetRatios = Mapping[tuple[str, str], Fraction]
"""(organisation, activity) → kWh (Hi) per kWh (Hs)."""


@dataclass(frozen=True, slots=True)
class Run:
    """The frames of one run that are looked at, restricted to the territories.

    Shapes: `USAGE_SCHEMA`, `LINE_SCHEMA` (one book), `EXCEPTION_SCHEMA`.
    """

    usage: pl.DataFrame
    lines: pl.DataFrame
    exceptions: pl.DataFrame

    @classmethod
    def of(
        cls,
        usage: pl.DataFrame,
        lines: pl.DataFrame,
        exceptions: pl.DataFrame,
        *,
        book: str,
        organisations: list[str],
    ) -> "Run":
        """Return what a run says of some organisations in one book."""
        ours = pl.col("organisation").is_in(organisations)
        return cls(
            usage.select(list(USAGE_SCHEMA)).filter(ours),
            lines.select(list(LINE_SCHEMA)).filter(
                ours, pl.col("book") == book, pl.col("scope") != "outside"
            ),
            exceptions.select(list(EXCEPTION_SCHEMA)).filter(
                ours, pl.col("book").is_null() | (pl.col("book") == book)
            ),
        )


@dataclass(frozen=True, slots=True)
class Territory:
    """The cells of some territories with what is not in them.

    Shapes: `CELL_SCHEMA`, `OUTSIDE_SCHEMA`, `FINDING_SCHEMA`.
    """

    cells: pl.DataFrame
    outside: pl.DataFrame
    findings: pl.DataFrame


def balance(
    run: Run,
    records: pl.DataFrame,
    municipal: pl.DataFrame,
    method: TerritoryMethod,
    *,
    year: int,
    ratios: NetRatios,
) -> Territory:
    """Balance territories.

    Args:
        run: of the territories alone.
        records: what their records say, `RECORD_SCHEMA`.
        municipal: energy of the municipalities by their own balances, `MUNICIPAL_SCHEMA`.
        method: carriers, uses, and where municipal facilities stand.
        year: of the run.
        ratios: of gross to net calorific value.

    Raises:
        QuantityLost: a quantity of the run is not in the cells (a defect).
    """
    parts = _parts(run, records, method, ratios)
    told = parts.group_by(_CELL).agg(
        pl.col("net_kwh").sum(),
        pl.col("co2e_kg").sum(),
        pl.col("gaps").sum(),
        pl.col("factors").explode().drop_nulls().unique().sort().str.join("\n"),
        *(
            pl.col("net_kwh").filter(pl.col("grade") == grade).sum().alias(name)
            for grade, name in _ENERGIES.items()
        ),
        pl.col("net_kwh").filter(pl.col("grade").is_null()).sum().alias(UNGRADED),
    )
    cells = told.rename({"net_kwh": "energy_kwh"}).with_columns(
        year=pl.lit(year),
        carrier_en=pl.col("carrier").replace_strict(method.english, default=None, return_dtype=pl.String),
    )
    shown, findings = with_municipal(_typed(cells, CELL_SCHEMA), municipal, method)
    _check(parts, shown)
    return Territory(
        _ordered(shown, method),
        _outside(run, records),
        pl.concat([findings, _findings_of(run, records)]).sort("organisation", "code", "subject"),
    )


def attributed(frame: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a run with `sector` and `grade` of their records: as many rows as before.

    A source whose records name several sectors has none; one graded in several ways has the worst of its
    grades, and none where a record has none.
    """
    graded = pl.col("grade").filter(~pl.col("is_zero"))  # a zero has no energy to be graded
    known = records.group_by(_KEY).agg(
        pl.when(pl.col("sector").n_unique() == 1).then(pl.col("sector").first()).alias("sector"),
        pl.when(graded.is_null().any()).then(None).otherwise(graded.max()).alias("grade"),
    )
    joined = frame.join(known, on=list(_KEY), how="left", nulls_equal=True, maintain_order="left")
    if joined.height != frame.height:
        raise QuantityLost(
            "{before} rows, {after} with their sectors", before=frame.height, after=joined.height
        )
    return joined


def _energy_units(frame: pl.DataFrame) -> list[str]:
    """Return the units of a frame that measure energy."""
    found = []
    for unit in frame["unit"].unique().drop_nulls():
        try:
            if dimension(unit) == "energy":
                found.append(unit)
        except UnitError:
            continue
    return found


def with_use(frame: pl.DataFrame, method: TerritoryMethod) -> pl.DataFrame:
    """Return rows with carrier, use and whether they state gross energy of a fuel; other rows are left out.

    Litres, kilograms and cubic metres became energy by their net calorific value.
    """
    carriers = {code: entry.carrier for code, entry in activities().items() if entry.carrier}
    fuels = [code for code, entry in activities().items() if entry.needs_basis]
    rows = frame.filter(pl.col("activity").is_in(list(carriers)))
    pairs = rows.select("activity", "sector").unique()
    uses = [method.use(activity, sector) for activity, sector in pairs.iter_rows()]
    told = pairs.with_columns(
        pl.col("activity").replace_strict(carriers, default=None, return_dtype=pl.String).alias("carrier"),
        pl.Series("use", uses, dtype=pl.String),
    )
    is_gross = pl.col("unit").is_in(_energy_units(rows)) & (pl.col("basis") == Basis.HS.value)
    return rows.join(
        told, on=["activity", "sector"], how="left", nulls_equal=True, maintain_order="left"
    ).with_columns((is_gross & pl.col("activity").is_in(fuels)).alias("is_gross"))


def _parts(run: Run, records: pl.DataFrame, method: TerritoryMethod, ratios: NetRatios) -> pl.DataFrame:
    """Return energy, emissions and gaps by cell, activity, grade and calorific basis."""
    usage = with_use(attributed(run.usage.filter(_IS_OWN), records), method)
    usage = usage.filter(pl.col("quantity").is_not_null())  # a cost alone is no energy
    lines = with_use(attributed(run.lines.filter(pl.col("role").is_in(_OWN)), records), method)
    missing = with_use(
        attributed(run.exceptions.with_columns(basis=pl.lit(None, dtype=pl.String)), records), method
    ).with_columns(is_gross=pl.lit(None, dtype=pl.Boolean))
    energy = usage.group_by(_PART).agg(
        pl.col("energy_kwh").cast(pl.Decimal(38, 6)).sum(), pl.col("energy_kwh").is_null().sum().alias("open")
    )
    mass = lines.group_by(_PART).agg(
        pl.col("co2e_kg").sum(), pl.col("factor_id").drop_nulls().unique().alias("factors")
    )
    gaps = missing.group_by(_PART).agg(pl.len().alias("missing"))
    parts = _full(_full(energy, mass), gaps)
    counted = _sum(energy, "energy_kwh"), _sum(mass, "co2e_kg")
    if counted != (_sum(parts, "energy_kwh"), _sum(parts, "co2e_kg")):
        raise QuantityLost("{counted} became other sums", counted=counted)
    return _net(parts, ratios)


def _full(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    return left.join(right, on=list(_PART), how="full", nulls_equal=True, coalesce=True)


def _net(parts: pl.DataFrame, ratios: NetRatios) -> pl.DataFrame:
    """Return parts with `net_kwh`; where nothing leads to the net value it is null and counts as a gap."""
    columns = ("organisation", "activity", "is_gross", "energy_kwh")
    values = [
        energy if not is_gross else _scaled(energy, ratios.get((organisation, activity)))
        for organisation, activity, is_gross, energy in parts.select(columns).iter_rows()
    ]
    open_ = pl.col("open").fill_null(0) + pl.col("missing").fill_null(0)
    return parts.with_columns(pl.Series("net_kwh", values, dtype=pl.Decimal(38, 6))).with_columns(
        gaps=open_.cast(pl.Int64)
        + (pl.col("net_kwh").is_null() & pl.col("energy_kwh").is_not_null()).cast(pl.Int64)
    )


def _scaled(value: Decimal | None, share: Fraction | None, step: Decimal = _KWH) -> Decimal | None:
    """Return value × share, rounded half-even to a step."""
    if value is None or share is None:
        return None
    with localcontext(prec=_DIGITS):
        return (value * share.numerator / share.denominator).quantize(step)


def municipal_energy(run: Run, method: TerritoryMethod, *, territory: str, ratios: NetRatios) -> pl.DataFrame:
    """Return the stationary energy of a municipality's own balance, by carrier and use.

    Shape: `MUNICIPAL_SCHEMA`. Fleet, tenants and what the book leaves out are no municipal facilities.
    The grade follows the quality of the records as the method says.
    """
    counted = run.lines.filter(pl.col("scope").is_in(["1", "2"])).select(*_KEY, "month").unique()
    rows = run.usage.filter(_IS_OWN, pl.col("energy_kwh").is_not_null())
    rows = rows.join(counted, on=[*_KEY, "month"], how="semi", nulls_equal=True)
    grades = pl.col("quality").replace_strict(method.municipal.grades, default=None, return_dtype=pl.String)
    rows = with_use(rows.with_columns(grade=grades, sector=pl.lit(method.municipal.sector)), method)
    groups = (
        rows.filter(pl.col("use") != "transport")
        .group_by(_PART)
        .agg(
            pl.col("energy_kwh").cast(pl.Decimal(38, 6)).sum(),
            pl.lit(0).alias("open"),
            pl.lit(0).alias("missing"),
        )
    )
    net = _net(groups, ratios).filter(pl.col("net_kwh").is_not_null())
    told = net.group_by("carrier", "use").agg(
        pl.col("net_kwh").sum().alias("energy_kwh"),
        *(
            pl.col("net_kwh").filter(pl.col("grade") == grade).sum().alias(name)
            for grade, name in _ENERGIES.items()
        ),
        pl.col("net_kwh").filter(pl.col("grade").is_null()).sum().alias(UNGRADED),
    )
    return _typed(told.with_columns(organisation=pl.lit(territory)), MUNICIPAL_SCHEMA).sort("carrier", "use")


def with_municipal(
    cells: pl.DataFrame, municipal: pl.DataFrame, method: TerritoryMethod
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return cells whose municipal facilities are those of their own balances, and what is to be said of it.

    Shapes: `CELL_SCHEMA` and `MUNICIPAL_SCHEMA` in, `CELL_SCHEMA` and `FINDING_SCHEMA` out.

    Pool: commerce and what the territory's records call municipal. The municipality's energy is taken out of
    the pool with its share of the emissions, the rest is commerce: no total changes. Where the own balance
    exceeds the pool, nothing is moved.
    """
    sector, rest = method.municipal.sector, method.municipal.remainder
    rows = {tuple(row[name] for name in _CELL): row for row in cells.to_dicts()}
    findings: list[tuple[Any, ...]] = []
    for own in municipal.iter_rows(named=True):
        unit, carrier, use = own["organisation"], own["carrier"], own["use"]
        stated, commerce = rows.get((unit, sector, carrier, use)), rows.get((unit, rest, carrier, use))
        pool = _added(stated, commerce)
        if pool is None or own["energy_kwh"] > pool["energy_kwh"]:
            held = Decimal(0) if pool is None else pool["energy_kwh"]
            findings.append((unit, "municipal_exceeds", carrier, own["energy_kwh"], held))
            continue
        if stated is not None and stated["energy_kwh"] != own["energy_kwh"]:
            findings.append((unit, "municipal_differs", carrier, own["energy_kwh"], stated["energy_kwh"]))
        taken, left = _divided(pool, own)
        rows[unit, sector, carrier, use] = taken | {"sector": sector}
        rows[unit, rest, carrier, use] = left | {"sector": rest}
    shown = pl.DataFrame(list(rows.values()), schema=CELL_SCHEMA, orient="row")
    return shown, pl.DataFrame(findings, schema=FINDING_SCHEMA, orient="row")


def _added(first: dict[str, Any] | None, second: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return two cells as one."""
    if first is None or second is None:
        return first or second
    summed = ("energy_kwh", "co2e_kg", "gaps", *GRADE_COLUMNS)
    with localcontext(prec=_DIGITS):
        sums = {name: first[name] + second[name] for name in summed}
    factors = {*first["factors"].split("\n"), *second["factors"].split("\n")} - {""}
    return first | sums | {"factors": "\n".join(sorted(factors))}


def _divided(pool: dict[str, Any], own: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a pool as what is municipal, with its own grades, and the rest, graded as the pool was."""
    whole, part = pool["energy_kwh"], own["energy_kwh"]
    share = Fraction(part) / Fraction(whole) if whole else Fraction(0)
    with localcontext(prec=_DIGITS):
        mass = _scaled(pool["co2e_kg"], share, _KG) or Decimal(0)
        grades = {name: _scaled(pool[name], 1 - share) or Decimal(0) for name in GRADE_COLUMNS}
        largest = max(GRADE_COLUMNS, key=lambda name: grades[name])
        grades[largest] += whole - part - sum(grades.values())
        rest = pool | grades | {"energy_kwh": whole - part, "co2e_kg": pool["co2e_kg"] - mass}
    taken = pool | {name: own[name] for name in GRADE_COLUMNS}
    taken |= {"energy_kwh": part, "co2e_kg": mass, "gaps": 0}  # what is missing is missing in the rest
    return taken, rest


def _outside(run: Run, records: pl.DataFrame) -> pl.DataFrame:
    """Return what is no final energy of the territory, or found no place: with its reason."""
    carriers = [code for code, entry in activities().items() if entry.carrier]
    usage = attributed(run.usage, records).filter(pl.col("quantity").is_not_null())
    is_energy = pl.col("activity").is_in(carriers)
    other = usage.filter(~_IS_OWN | ~is_energy.fill_null(value=False)).with_columns(
        reason=pl.when(_IS_OWN).then(pl.lit("not_energy")).otherwise(pl.coalesce("role", "direction"))
    )
    missing = attributed(run.exceptions, records).with_columns(reason=pl.col("code"))
    keys = ("organisation", "sector", "source", "activity", "unit", "reason")
    both = pl.concat([frame.select(*keys, "quantity") for frame in (other, missing)])
    told = both.group_by(keys).agg(pl.col("quantity").cast(pl.Decimal(38, 6)).sum())
    return _typed(told, OUTSIDE_SCHEMA).sort(list(OUTSIDE_SCHEMA))


def _findings_of(run: Run, records: pl.DataFrame) -> pl.DataFrame:
    """Return the sources no record gives a sector, and those whose quantity is marked as a confirmed zero."""
    marked = (
        records.filter(pl.col("is_confirmed"), ~pl.col("is_zero")).select("organisation", "source").unique()
    )
    usage = attributed(run.usage.filter(_IS_OWN), records).filter(
        pl.col("sector").is_null(), pl.col("energy_kwh") != 0
    )
    told = usage.group_by("organisation", "source").agg(pl.col("energy_kwh").cast(pl.Decimal(38, 6)).sum())
    unstated = told.rename({"source": "subject", "energy_kwh": "value"}).with_columns(
        code=pl.lit("sector_unstated")
    )
    ignored = marked.rename({"source": "subject"}).with_columns(code=pl.lit("zero_mark_ignored"))
    return pl.concat([_typed(unstated, FINDING_SCHEMA), _typed(ignored, FINDING_SCHEMA)])


def _check(parts: pl.DataFrame, cells: pl.DataFrame) -> None:
    """Raise unless the cells hold the energy and the emissions of the parts, and their grades the energy."""
    told = _sum(parts, "net_kwh"), _sum(parts, "co2e_kg")
    shown = _sum(cells, "energy_kwh"), _sum(cells, "co2e_kg")
    with localcontext(prec=_DIGITS):
        graded = sum((_sum(cells, name) for name in GRADE_COLUMNS), Decimal(0))
    if told != shown or graded != shown[0]:
        raise QuantityLost("{told} in the run, {shown} in the cells", told=told, shown=(*shown, graded))


def _sum(frame: pl.DataFrame, name: str) -> Decimal:
    total = frame[name].cast(pl.Decimal(38, 12)).sum() if frame.height else None
    return Decimal(0) if total is None else Decimal(total)


def _typed(frame: pl.DataFrame, schema: dict[str, _TYPE]) -> pl.DataFrame:
    """Return a frame in a schema; a column it does not have is null."""
    absent = [pl.lit(None).alias(name) for name in schema if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in schema.items())


def _ordered(cells: pl.DataFrame, method: TerritoryMethod) -> pl.DataFrame:
    """Return cells in the order of organisations, sectors, carriers and uses."""
    place = {sector: index for index, sector in enumerate(SECTORS)}
    return cells.sort(
        "organisation",
        pl.col("sector").replace_strict(place, default=len(place), return_dtype=pl.Int32),
        pl.col("carrier").replace_strict(method.order, default=None, return_dtype=pl.Int32),
        "use",
    )
