"""A file of a known layout → records or interval values, as its profile says."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import activity, units
from bilanz.errors import FileRefused
from bilanz.issues import ISSUE_SCHEMA, Issue, as_frame
from bilanz.records import Direction, Role
from importers.base import ImportRequest, ImportResult, Workspace
from importers.formats.delimited import open_delimited
from importers.interval import layout as interval
from importers.interval.reading import read as read_interval
from importers.profiles.profile import MappingProfile, Values, fingerprint
from importers.tables.layout import Layout, Negative, Period, ValueColumn
from importers.tables.reading import read_table
from importers.upload.table import open_table

_SURE: Final = 2
_ROLES: Final = {Direction.FEED_IN: Role.FED_IN, Direction.GENERATION: Role.GENERATED}
_BEGINS: Final = ("begin", "date", "stamp", "clock", "end")


def read(path: Path, profile: MappingProfile, request: ImportRequest, workspace: Workspace) -> ImportResult:
    """Read a file by a profile; what the caller states goes before what the profile states.

    Raises:
        FileRefused: `no_header` where no line of the file is the header of the profile.
    """
    request = replace(
        request,
        zone=request.zone or profile.zone,
    )

    def score(texts: Sequence[str]) -> int:
        return _SURE if fingerprint(texts) == profile.fingerprint else 0

    if profile.kind == "interval":
        file = open_delimited(path, score, least=_SURE)
        declared = {**_formats(profile, file.header), **request.declared}
        asked = replace(request, declared=declared)
        result = read_interval(file, [group(profile, file.header)], asked, workspace)
    else:
        table = open_table(path, score)
        if score(table.header) < _SURE:
            message = "{file}: no line is the header of the profile {profile}."
            raise FileRefused(message, code="no_header", file=path.name, profile=profile.name)
        workspace.progress(0.3)
        result = read_table(table, layout(profile, table.header), request)
    return replace(result, issues=pl.concat([_said(profile), result.issues.select(*ISSUE_SCHEMA)]))


def _said(profile: MappingProfile) -> pl.DataFrame:
    """Return the issue that names the profile."""
    return as_frame([Issue("profile_applied", value=profile.title or profile.name)])


def layout(profile: MappingProfile, header: Sequence[str]) -> Layout:
    """Return the columns of a table as a profile names them."""
    at = _positions(profile, header)
    places = {name: at[text] for name, text in profile.columns.items()}
    if "date" in places:
        day = places.pop("date")
        places |= {"start": day, "end": day}
    return Layout(
        places=places,
        values=tuple(ValueColumn(at[value.column], _given(value), is_own=True) for value in profile.values),
        given=profile.given,
        declared=_formats(profile, header),
        period=Period(profile.period),
        negative=Negative(profile.negative),
        zone=profile.zone,
    )


def _given(value: Values) -> dict[str, str]:
    """Return what holds for a column of a table; which way the energy flows is a role there."""
    given = value.given()
    if value.direction in _ROLES:
        given.setdefault("role", str(_ROLES[value.direction]))
    return given


def group(profile: MappingProfile, header: Sequence[str]) -> interval.Group:
    """Return the columns of interval values as a profile names them."""
    at = _positions(profile, header)
    place = {name: at[text] for name, text in profile.columns.items()}
    is_end_only = not {"begin", "stamp", "date"} & set(place)
    kind = "begin" if "begin" in place else "end" if is_end_only else profile.stamp or "stamp"
    first = [name for name in _BEGINS if name in place][: 2 if "date" in place else 1]
    listed = profile.values or (Values(column=profile.columns["value"]),)
    status = place.get("status")
    return interval.Group(
        begin=tuple(place[name] for name in first),
        end=(place["end"],) if "end" in place and not is_end_only else (),
        kind=kind,
        values=tuple(
            _value(value, at[value.column], status, profile, is_alone=len(listed) == 1) for value in listed
        ),
        ignored=(),
        meter=place.get("meter"),
        obis=place.get("obis"),
        unit=place.get("unit"),
    )


def _value(
    value: Values, place: int, status: int | None, profile: MappingProfile, *, is_alone: bool
) -> interval.Value:
    unit = units.find(value.unit or profile.given.get("unit", ""))
    return interval.Value(
        place,
        value.column,
        unit.unit if unit else None,
        status=status,
        direction=value.direction,
        activity=activity.find(value.activity) if value.activity else None,
        source=value.source or (None if is_alone else value.column),
        is_reversed=profile.negative == "reversed",
    )


def _positions(profile: MappingProfile, header: Sequence[str]) -> dict[str, int]:
    """Return header text of the profile → position in a file whose header has the same fingerprint.

    The texts stand in the same order; case and punctuation may differ.
    """
    filled = [place for place, text in enumerate(header) if text.strip()]
    found: dict[str, int] = {}
    for text, place in zip(profile.header, filled, strict=True):
        found.setdefault(text, place)
    return found


def _formats(profile: MappingProfile, header: Sequence[str]) -> dict[str, str]:
    """Return the declared formats under the header texts of the file."""
    at = _positions(profile, header)
    return {header[at[text]]: form for text, form in profile.formats.items() if text in at}
