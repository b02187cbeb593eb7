"""The sentence that keeps a finding honest: which quantities are missing from it for lack of a factor."""

from collections.abc import Collection

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names

_LISTED = 6


def sentence(result: Result, language: Language, *, activities: Collection[str] | None = None) -> str:
    """Return which activities have quantities without a figure, with a leading space; empty where none has.

    `activities`: only these; None: all, also what is not classified.
    """
    codes = result.exceptions["activity"].unique().sort(nulls_last=True).to_list()
    told = [
        names.activity_name(code, language)
        for code in codes
        if activities is None or (code is not None and code in activities)
    ]
    if not told:
        return ""
    listed = ", ".join(told[:_LISTED]) + (" …" if len(told) > _LISTED else "")
    return " " + translate(
        "Quantities without a figure in at least one book, missing here: {activities}.",
        language,
        activities=listed,
    )
