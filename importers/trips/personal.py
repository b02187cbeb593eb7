"""What a table of trips says of people and is not kept."""

from bilanz.issues import Issue
from importers.columns.headers import Match
from importers.trips.fields import PERSONAL
from importers.upload.table import Table


def left_out(found: Match, table: Table) -> list[Issue]:
    """Say which columns were not used, and which were not kept because they tell who was where and why."""
    unused = [found.header[place] for place in found.unused if not table.is_own(place)]
    personal = [found.title(name) for name in PERSONAL if name in found.positions]
    return [
        Issue(code, value=", ".join(titles), parameters={"count": str(len(titles))})
        for code, titles in (("columns_ignored", unused), ("personal_data", personal))
        if titles
    ]
