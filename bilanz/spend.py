"""What money was spent on, where a record states a code instead of a product group.

    attributes {"cpv", "account"} ──longest prefix──► product group, and the kind of payment

This is decided when a balance is calculated, not when a file is imported: the maps belong to the factor
release. A product group the record states itself always counts.
"""

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from bilanz.connection import Database, lend
from bilanz.sentences import Remark, packed, say

PURCHASE: Final = "purchase"
_PAYMENTS: Final = frozenset({"purchase", "purchase_capital", "no_emission_payment"})
_NO_EMISSION: Final = "no_emission_payment"
_SURE: Final = "high"
_UNSURE: Final = "low"

_CLASS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "stated": pl.String,
    "cpv": pl.String,
    "account": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "spend_class": pl.String,
    "is_sure": pl.Boolean,
    "detail": pl.String,  # the code that decided, and how sure that is
}

_CODES: Final = """
CREATE OR REPLACE TEMP TABLE engine_spend AS
SELECT a.record_id, COALESCE(a.activity, '') AS stated,
    COALESCE(json_extract_string(a.attributes, '$.cpv'), '') AS cpv,
    COALESCE(json_extract_string(a.attributes, '$.account'), '') AS account
FROM activity a
WHERE a.product_group IS NULL AND a.attributes IS NOT NULL AND a.quality = 'spend'
    AND (a.activity IS NULL OR a.activity IN ('purchase', 'purchase_capital'))
    AND (a.attributes LIKE '%"cpv"%' OR a.attributes LIKE '%"account"%')
"""

_CLASSES: Final = """
CREATE OR REPLACE TEMP TABLE engine_class AS
SELECT s.record_id, m.activity, m.product_group, m.spend_class, m.is_sure, m.detail
FROM engine_spend s
JOIN engine_spend_map m ON m.stated = s.stated AND m.cpv = s.cpv AND m.account = s.account
"""


@dataclass(frozen=True, slots=True)
class Spending:
    """What the catalogue says about money.

    Attributes:
        families: columns family, activity: quantities of which activities a spend of the family repeats.
        product_groups: columns product_group, family (null: repeats no quantity).
        cpv_map: columns cpv (prefix), product_group, confidence.
        account_map: columns account (prefix), target, product_group, confidence.
    """

    families: pl.DataFrame
    product_groups: pl.DataFrame
    cpv_map: pl.DataFrame
    account_map: pl.DataFrame


def classify(con: Database, spending: Spending) -> None:
    """Make `engine_class`: activity and product group of records that state a code only."""
    con.execute(_CODES)
    stated = con.execute("SELECT DISTINCT stated, cpv, account FROM engine_spend").fetchall()
    by_cpv = by_prefix(spending.cpv_map, "cpv")
    by_account = by_prefix(spending.account_map, "account")
    rows = [row for codes in sorted(stated) if (row := _class(codes, by_cpv, by_account)) is not None]
    lend(con, "engine_spend_map", pl.DataFrame(rows, schema=_CLASS_SCHEMA, orient="row"))
    con.execute(_CLASSES)


def by_prefix(frame: pl.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """Return prefix → row of a map of codes; `key` is its column with the prefixes ("cpv", "account")."""
    return {row[key]: row for row in frame.iter_rows(named=True)}


def row_of(code: str, prefixes: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Return the row of the longest prefix of a code, or None; the check digit of a CPV code is cut off.

    Args:
        code: CPV code (`30213100-6`) or account.
        prefixes: prefix → its row (`by_prefix`).
    """
    digits = code.split("-", maxsplit=1)[0].replace(" ", "")
    lengths = range(len(digits), 0, -1)
    return next((prefixes[digits[:n]] for n in lengths if digits[:n] in prefixes), None)


def _class(
    codes: tuple[str, str, str], by_cpv: dict[str, dict[str, Any]], by_account: dict[str, dict[str, Any]]
) -> tuple[str | bool, ...] | None:
    """Return one row of `_CLASS_SCHEMA`, or None where no map knows the codes.

    The product group comes from the CPV code, else from the account; the kind of payment from the account. An
    account for payments without emissions does not outvote a CPV code: something was bought.
    """
    stated, cpv, account = codes
    bought, booked = row_of(cpv, by_cpv), row_of(account, by_account)
    target = booked["target"] if booked and booked["target"] in _PAYMENTS else None
    row, kind, code = (booked, "account", account) if bought is None else (bought, "cpv", cpv)
    if row is None:
        return None
    activity = target or stated or PURCHASE
    if activity == _NO_EMISSION and bought is not None:
        activity = stated or PURCHASE
    group, confidence = row["product_group"] or "", row["confidence"] or _UNSURE
    is_sure = confidence == _SURE
    detail = "" if is_sure else packed([Remark("", say(f"{kind}_{confidence}", code=code))])
    return (*codes, activity, group, f"{activity}|{group}", is_sure, detail)


ASSUMED: Final = """
SELECT DISTINCT 'spend_classified' AS code, c.product_group AS subject, c.detail
FROM engine_class c JOIN engine_share s ON s.record_id = c.record_id
WHERE NOT c.is_sure AND c.product_group <> '' AND COALESCE(s.document_type, '') <> 'contract'
"""
