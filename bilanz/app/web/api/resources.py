"""The modules of the API."""

from typing import Final

from bilanz.app.web.api import (
    balances,
    files,
    fund,
    jobs,
    mapping,
    master,
    me,
    periods,
    review,
    tokens,
    trail,
    uploads,
    users,
)

RESOURCES: Final = (
    me,
    tokens,
    jobs,
    uploads,
    mapping,
    files,
    balances,
    fund,
    review,
    periods,
    master,
    trail,
    users,
)
"""Each has a `router`."""
