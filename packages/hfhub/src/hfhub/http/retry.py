"""How often, how long and after which wait a request is tried again."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
# The server did nothing yet, so even a request that must not be made twice may be sent again.
_UNTOUCHED = frozenset({429, 503})

_RATE_LIMIT = re.compile(
    r'"?(?P<what>[\w-]+)"?\s*;\s*r\s*=\s*(?P<left>\d{1,9})\s*;\s*t\s*=\s*(?P<reset>\d{1,9})'
)
_RATE_POLICY = re.compile(r"q\s*=\s*(?P<limit>\d{1,9}).*?w\s*=\s*(?P<window>\d{1,9})")
# The patterns take time with the square of the length, so what is longer than any Hub's is cut.
_RATE_LIMIT_LENGTH = 256


class RateLimitInfo(NamedTuple):
    """What the ``RateLimit`` headers say.

    Attributes:
        resource_type: which budget: ``api``, ``resolvers``, ``pages``.
        remaining: requests left in this window.
        reset_in_seconds: seconds until the next window.
        limit: requests in a window.
        window_seconds: how long a window is.
    """

    resource_type: str
    remaining: int
    reset_in_seconds: int
    limit: int | None = None
    window_seconds: int | None = None


def parse_ratelimit_headers(headers: Mapping[str, str]) -> RateLimitInfo | None:
    """Read ``RateLimit`` and ``RateLimit-Policy``, or None if there is nothing to read.

    >>> parse_ratelimit_headers({"RateLimit": '"api";r=0;t=55'}).reset_in_seconds
    55
    """
    lines = {name.lower(): value for name, value in headers.items()}
    found = _RATE_LIMIT.search(lines.get("ratelimit", "")[:_RATE_LIMIT_LENGTH])
    if found is None:
        return None
    policy = _RATE_POLICY.search(lines.get("ratelimit-policy", "")[:_RATE_LIMIT_LENGTH])
    return RateLimitInfo(
        found["what"],
        int(found["left"]),
        int(found["reset"]),
        int(policy["limit"]) if policy else None,
        int(policy["window"]) if policy else None,
    )


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, by ``RateLimit`` or else ``Retry-After``."""
    limit = parse_ratelimit_headers(headers)
    if limit is not None and limit.remaining == 0:
        return limit.reset_in_seconds + 1.0
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    return _seconds_until(value) if value else None


def _seconds_until(date: str) -> float | None:
    from email.utils import parsedate_to_datetime  # 10 ms, for a rare header

    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError):  # no date, or none that a clock can show
        return None


class Retry:
    """The tries that one request has left.

    Failures use up attempts with a growing wait between; a 429 uses up time only, since
    the server says when to come back.
    """

    def __init__(self, *, attempts: int, deadline: float, twice: bool) -> None:
        """Start the clock.

        Args:
            attempts: how often at most, the first one included.
            deadline: seconds that all attempts and waits may take together.
            twice: whether the request may reach the server twice.
        """
        self._attempts = attempts
        self._end = time.monotonic() + deadline
        self._twice = twice
        self.made = 0

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self._end - time.monotonic()

    def after_status(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Seconds to wait before the next attempt after this answer; None to give up."""
        if status not in RETRIED_STATUSES or not (self._twice or status in _UNTOUCHED):
            return None
        wait = asked_wait(headers) if status in _UNTOUCHED else None
        if status == 429 and wait is not None:
            if self._attempts <= 1:
                return None
            wait += _between(0.0, 0.25)  # spreads the herd that wakes up
            return wait if wait < self.left else None
        backoff = self.after_failure(untouched=status in _UNTOUCHED)
        return backoff if backoff is None or wait is None else self._within(max(wait, backoff))

    def after_failure(self, *, untouched: bool = False) -> float | None:
        """Seconds to wait before the next attempt when none was answered; None to give up.

        Args:
            untouched: whether the server surely did nothing.
        """
        self.made += 1
        if self.made >= self._attempts or not (self._twice or untouched):
            return None
        ceiling = min(8.0, 0.25 * 2**self.made)
        return self._within(_between(ceiling / 2, ceiling))

    def _within(self, wait: float) -> float | None:
        return wait if wait < self.left else None


def _between(low: float, high: float) -> float:
    from random import Random  # only when something fails

    # One of its own: the numbers that a program draws after seeding must not depend on the network.
    return Random().uniform(low, high)  # noqa: S311 - not a secret
