"""How many requests a caller has left in the current five minutes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

Bucket = Literal["api", "resolvers"]

WINDOW = 300
ANONYMOUS: Mapping[Bucket, int] = {"api": 500, "resolvers": 3_000}
SIGNED_IN: Mapping[Bucket, int] = {"api": 1_000, "resolvers": 5_000}


@dataclass
class RateLimits:
    """Counts requests by caller.

    Attributes:
        enforced: whether callers beyond the limit are refused; otherwise they are only told.
    """

    enforced: bool = False
    _since: float = field(default_factory=time.monotonic)
    _counts: dict[tuple[Bucket, str | None], int] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def count(self, bucket: Bucket, user: str | None) -> dict[str, str]:
        """Count one request of ``user`` (None: anyone without a token); the headers that tell.

        Raises:
            Refusal: with status 429, beyond an enforced limit.
        """
        limit = (ANONYMOUS if user is None else SIGNED_IN)[bucket]
        with self._guard:
            now = time.monotonic()
            if now - self._since >= WINDOW:
                self._since = now
                self._counts.clear()
            used = self._counts.get((bucket, user), 0)
            self._counts[bucket, user] = used + 1
            resets = max(1, int(self._since + WINDOW - now))
        left = limit - used
        headers = rate_limit_headers(
            bucket, max(left - 1, 0 if self.enforced else 1), resets, limit
        )
        if self.enforced and left <= 0:
            raise Refusal(429, too_many(limit), headers=headers)
        return headers

    def give_back(self, bucket: Bucket, user: str | None) -> None:
        """Uncount one request, which will be asked again."""
        with self._guard:
            self._counts[bucket, user] = max(0, self._counts.get((bucket, user), 1) - 1)


def rate_limit_headers(bucket: str, left: int, resets: int, limit: int) -> dict[str, str]:
    """What tells a caller how many requests are ``left`` and in how many seconds that changes."""
    return {
        "RateLimit": f'"{bucket}";r={left};t={resets}',
        "RateLimit-Policy": f'"fixed window";"{bucket}";q={limit};w={WINDOW}',
    }


def too_many(limit: int) -> str:
    """What the Hub says beyond the limit."""
    return f"We had to rate limit you, you hit the quota of {limit} requests per 5 minutes period."
