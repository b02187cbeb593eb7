"""How often signing in may fail from one address, beside the rest of an account after wrong passwords."""

import ipaddress
from dataclasses import dataclass, field
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

FAILURES: Final = 30
"""Wrong passwords of one address in `MINUTES`: often it is the one of all officers of an administration."""
MINUTES: Final = 5
_NETWORK: Final = 64
"""Bits of an IPv6 address that tell one household from another."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Counts failures by address; kept in the memory of the process."""

    limit: RateLimitItemPerMinute = field(default_factory=lambda: RateLimitItemPerMinute(FAILURES, MINUTES))
    window: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def are_used_up(self, address: str) -> bool:
        """Tell whether an address may try no more for now."""
        return not self.window.test(self.limit, _who(address))

    def count(self, address: str) -> None:
        """Count a failure."""
        self.window.hit(self.limit, _who(address))


def _who(address: str) -> str:
    """Return what is counted: an IPv4 address, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:  # noqa: PLR2004 - the version
        return str(ipaddress.ip_network((found, _NETWORK), strict=False))
    return str(found)
