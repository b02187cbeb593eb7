"""ISO 8601 durations as senders of metering data write them: PT15M, PT1H, P1D, P1M, P1Y."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_SECONDS: Final = 60  # of a minute
_MINUTES: Final = 60  # of an hour
_WEEK: Final = 7
_YEAR: Final = 12
_MOST: Final = 10_000  # years, months or minutes: more is no length of an interval
_FORM: Final = re.compile(
    r"P(?:(?P<years>\d{1,5})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,5})M(?:IN)?)?(?:(?P<seconds>\d{1,7})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: calendar months and days differ in their minutes, clock minutes do not.

    Attributes:
        months, days: of the calendar of the site.
        minutes: of the clock.
    """

    months: int = 0
    days: int = 0
    minutes: int = 0

    @property
    def is_calendar(self) -> bool:
        """It depends on the date how long it lasts."""
        return bool(self.months or self.days)

    @property
    def offset(self) -> str:
        """The duration as polars adds it: `1mo2d15m`."""
        return f"{self.months}mo{self.days}d{self.minutes}m"


@lru_cache(maxsize=1024)
def parse(text: str) -> Duration | None:
    """Read a duration; None: it is none, is no whole number of minutes, or lasts no time at all."""
    found = _FORM.fullmatch(text.strip().upper())
    if found is None:
        return None
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    if part["seconds"] % _SECONDS or max(part["years"], part["months"], part["days"], part["hours"]) > _MOST:
        return None
    months = part["years"] * _YEAR + part["months"]
    minutes = part["hours"] * _MINUTES + part["minutes"] + part["seconds"] // _SECONDS
    duration = Duration(months, part["weeks"] * _WEEK + part["days"], minutes)
    return duration if months or duration.days or minutes else None
