"""The reference numbers of an inventory of a territory, as shipped."""

from functools import cache
from pathlib import Path
from typing import Final

import factors
from bilanz.gpc import Inventory, read

FILE: Final = Path(factors.__file__).parent / "territory" / "gpc.toml"


@cache
def references() -> Inventory:
    """Return them."""
    return read(FILE)
