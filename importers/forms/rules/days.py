"""Days on which something was read by hand, as bounds of periods."""

from datetime import datetime, timedelta


def boundary(read: datetime) -> datetime:
    """Return the midnight a reading of a day stands for.

    A reading of the last day of a month closes that month: it counts from the end of the day. Any other date
    counts from its beginning, so that 31 December and 1 January mean the same midnight. A time of day decides
    by itself: the nearest midnight.
    """
    midnight = read.replace(hour=0, minute=0, second=0, microsecond=0)
    after = midnight + timedelta(days=1)
    is_late = read - midnight >= timedelta(hours=12) if read != midnight else after.day == 1
    return after if is_late else midnight
