"""Master data of the city of the web tests: of the works, of the schools, of both and of nobody."""

from pathlib import Path

import web

from bilanz.app.master.data import import_masterdata

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
    "fund_members": [
        "organisation;country;currency;joined_on;evidence",
        "works;DE;EUR;2022-01-01;treaty",
        "schools;DE;EUR;2022-01-01;treaty",
    ],
    "fund_figures": [
        "organisation;kind;year;value;unit;source;retrieved_on;licence",
        "works;inhabitants;2023;18000;person;register;2024-02-01;CC0",
        "schools;inhabitants;2023;9000;person;register;2024-02-01;CC0",
    ],
    "fund_keys": [
        "id;organisation;first_year;key;mode;amount;currency;elasticity;mean_years;evidence",
        "S1-W;works;2023;elastic;total;60;EUR;1;3;resolution 1",
        "S1-S;schools;2023;elastic;total;60;EUR;1;3;resolution 2",
    ],
    "fund_payments": [
        "id;organisation;year;paid_on;amount;currency;evidence",
        "P-W;works;2024;2024-03-01;1080000,50;EUR;statement 3",
        "P-S;schools;2024;2024-03-01;540000;EUR;statement 4",
    ],
    "fund_programmes": [
        "id;organisation;title;evidence",
        "heat-W;works;Heat;resolution 5",
        "heat-S;schools;Warm schools;resolution 6",
    ],
    "fund_projects": [
        (
            "id;organisation;programme;title;nature_share;social_share;democracy_share;starts_on;"
            "planned_completion;currency;measurement_plan;baseline;baseline_from;baseline_to;activity;unit;"
            "is_ets_covered;evidence"
        ),
        (
            "F-W;works;heat-W;Pumps;1;0;0;2024-01-01;2024-12-31;EUR;plan 1;old pumps;2022-07-01;2023-07-01;"
            "electricity;kWh;false;resolution 5"
        ),
        (
            "F-S;schools;heat-S;Boilers;0.5;0.5;0;2024-01-01;2024-12-31;EUR;plan 2;old boilers;2022-07-01;"
            "2023-07-01;natural_gas;kWh;;resolution 6"
        ),
    ],
    "fund_flows": [
        "id;project;kind;on;amount;currency;evidence",
        "C-W;F-W;commitment;2024-01-02;500000;EUR;resolution 5",
        "C-S;F-S;commitment;2024-01-02;100000;EUR;resolution 6",
    ],
    "fund_financing": [
        "id;project;financier;amount;currency;evidence;on",
        "B-W;F-W;Land;20000;EUR;notice 7;2024-05-02",
        "B-S;F-S;Land;30000;EUR;notice 8;",
    ],
    "fund_sources": ["project;source;use", "F-W;W-1;touched", "F-S;S-1;touched"],
    "fund_observations": [
        "id;project;indicator;year;value;unit;sight;data_quality;evidence",
        "I-W;F-W;pumps replaced;2024;12;pumps;ex_ante;2;list",
        "I-S;F-S;flats;2024;3;flats;ex_ante;;list",
    ],
    "fund_findings": [
        "id;project;year;assessed_on;since;code;facts;evidence",
        'F-W-effect;F-W;;2025-02-01;2025-01-01;too_few_before;{"count": "5", "least": "12"};meters W-1',
        "F-S-effect;F-S;;2025-02-01;2025-02-01;no_baseline;;meters S-1",
    ],
    "fund_claims": [
        "project;year;claimant;share;evidence",
        "F-W;2024;fund;0,6;treaty",
        "F-S;2024;fund;1;treaty",
    ],
    "fund_rates": [
        "set;kind;time_preference;year;organisation;value;unit;price_year;source",
        "uba-w;climate_cost;0.01;2024;works;300;EUR/t;2024;guide",
        "uba-s;climate_cost;0.01;2024;schools;300;EUR/t;2024;guide",
    ],
    "fund_factors": [
        "series;year;organisation;value;unit;source",
        "grid-w;2024;works;0,38;kWh;resolution 9",
        "grid-s;2024;schools;0,38;kWh;resolution 10",
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
