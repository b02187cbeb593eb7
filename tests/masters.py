"""Master data of the city of the web tests: of the works, of the schools, of both and of nobody."""

from pathlib import Path

import web

from bilanz.app.masterdata import import_masterdata

FILES = {
    "figures": [
        "organisation;valid_from;population;floor_area_m2;staff;source",
        "works;2024-01-01;;4200,5;96;register",
        "schools;2024-01-01;;31400;212;register",
    ],
    "sites": [
        "id;organisation;name;kind",
        "plant;works;Sewage plant North;sewage_plant",
        "gym;schools;Gym;sports_ground",
    ],
    "sources": [
        "id;activity;unit;parent;weights",
        "W-1;electricity;kWh;;days",
        "W-2;electricity;kWh;C-1;",
        "S-1;electricity;kWh;;",
        "C-1;natural_gas;kWh;;",
        "MOVED;electricity;kWh;;",
        "LOST;electricity;kWh;;",
    ],
    "terms": [
        "source;organisation;site;role;tenure;control;valid_from;valid_to;evidence",
        "W-1;works;;consumed;owned;true;;;lease 1",
        "W-2;power;gym;consumed;owned;true;;;",
        "S-1;schools;gym;consumed;owned;true;;;",
        "C-1;city;;consumed;owned;true;;;",
        "MOVED;schools;;consumed;owned;true;;2024-01-01;",
        "MOVED;works;;consumed;owned;true;2024-01-01;;",
    ],
    "targets": [
        "id;organisation;book;scopes;base_year;target_year;reduction;path;evidence",
        "T-W;works;ghgp_location;1,2;2022;2035;0.8;linear;council 1",
        "T-S;schools;ghgp_location;1,2;2022;2035;0.8;linear;council 2",
    ],
    "measures": [
        "id;organisation;title;starts_on;effect_kwh;activity;status;evidence",
        "M-W;works;Lamps;2025-01-01;-1500,5;electricity;planned;=1+1",
        "M-S;schools;Boiler;2025-01-01;1500;natural_gas;planned;estimate",
    ],
    "growth": [
        "id;organisation;activity;rate;first_year;last_year;title;evidence",
        "G-W;works;electricity;-0.02;2025;2030;Fewer;guess",
        "G-S;schools;electricity;0.02;2025;2030;More;guess",
    ],
    "memberships": [
        "organisation;parent;valid_from;equity_share;operational_control;financial_control",
        "power;works;2022-01-01;1;true;true",
        "works;city;2022-01-01;1;true;true",
    ],
    "deliveries": [
        "id;kind;seller;buyer;activity;valid_from;evidence",
        "D-W;generates;works;power;district_heat;2022-01-01;contract",
        "D-S;generates;works;schools;district_heat;2022-01-01;contract",
    ],
    "compensations": [
        "id;organisation;year;kind;tonnes;standard;evidence",
        "K-W;works;2024;removal;10;Gold;'=SUM(A1)",
        "K-S;schools;2024;removal;10;Gold;register",
    ],
    "notation_keys": [
        "organisation;year;ref;key;explanation",
        "works;2024;I.1.1;NO;none there",
        "schools;2024;I.1.1;NO;none there",
    ],
    "weights": ["name;month;value;evidence", "days;2024-01;500;service", "free;2024-01;400;service"],
    "overlaps": [
        "id;kind;part_source;whole_source;evidence",
        "O-W;part_of;W-2;W-1;plan",
        "O-S;part_of;S-1;W-1;plan",
    ],
}


def fill(settings: object, folder: Path) -> None:
    """Register it."""
    folder.mkdir()
    for name, lines in FILES.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    summary = import_masterdata(folder, settings)  # type: ignore[arg-type] # settings of the site
    assert summary.issues == [], summary.as_json()["issues"]


__all__ = ["FILES", "fill", "web"]
