"""Room for what comes in: the hard cap, and the disk itself when it is full."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, TypeVar

from hfhub.cache import place
from hfhub.errors import CacheFullError, HubError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.cache.index import Index
    from hfhub.cache.layout import Cache

__all__ = ["Room"]

Result = TypeVar("Result")

# Seconds for which a count of what others have brought in is good enough.
_COUNT_AGAIN = 5.0
_BALLAST = 256 << 10
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


class Room:
    """The room that one cache may take.

    Args:
        cache: where it lies.
        limit: the cap as the user wrote it; None for none.
        index: gives the cache's index, which is opened only with a cap or on a full disk.
    """

    def __init__(self, cache: Cache, limit: str | None, index: Callable[[], Index]) -> None:
        self.cache = cache
        self._limit = limit
        self._index = index

    def make(self, size: int) -> None:
        """Evict until ``size`` more bytes fit under the cap.

        Raises:
            CacheFullError: if they cannot fit; nothing is evicted in vain.
            ValueError: if the cap is not a size.
        """
        cap = self._cap()
        if cap is None:
            return
        from hfhub.cache import evict  # only with a cap
        from hfhub.cache.pins import Pins

        index = self._index()
        index.refresh(_COUNT_AGAIN)
        if size <= cap:
            # A hundredth of the cap at once, so that not every file costs a search.
            evict.evict(index, lambda staying: staying + size - cap, slack=cap // 100, whole=True)
        # Without an index nobody can say; the index has warned.
        staying = index.staying() or 0
        if staying + size > cap:
            evictable = index.evictable(Pins(self.cache).spares)
            available = min(cap, max(0, cap - staying + evictable))
            raise CacheFullError(size, available, self.cache.root)

    def stay_below_cap(self) -> None:
        """Evict what is over the cap after something came in, as far as it may go."""
        if (cap := self._cap()) is not None:
            from hfhub.cache import evict  # only with a cap

            evict.evict(self._index(), lambda staying: staying - cap, slack=cap // 100)

    def on_full_disk(self, size: int) -> None:
        """Evict at least ``size`` bytes because a write met a full disk.

        Raises:
            CacheFullError: if nothing more may be evicted.
        """
        import shutil  # rarely needed

        from hfhub.cache import evict

        # The index needs a little room itself, to say what may go.
        with contextlib.suppress(OSError):
            os.unlink(self.cache.ballast)
        self._index().refresh(_COUNT_AGAIN)
        evict.empty_trash(self.cache)
        if not evict.evict(self._index(), lambda _: max(size, _BALLAST)):
            free = shutil.disk_usage(self.cache.root).free
            raise CacheFullError(size, min(size, free), self.cache.root)
        self.keep_ballast()

    def keep_ballast(self) -> None:
        """Hold a little room back, for the index to work in when the disk is full."""
        if not os.path.exists(self.cache.ballast):
            # No room, no right to write: then there is no ballast.
            with contextlib.suppress(OSError):
                place.write_whole(self.cache.ballast, bytes(_BALLAST), self.cache.tmp)

    def while_full(self, size: int, write: Callable[[], Result]) -> Result:
        """Do ``write``; as long as the disk is full and room can be made, do it again.

        Args:
            size: the bytes that it needs.
            write: what to do; it leaves nothing behind when it fails.

        Raises:
            CacheFullError: if nothing more may be evicted.
            OSError: whatever else ``write`` meets.
        """
        while True:
            try:
                return write()
            except OSError as error:
                if error.errno not in _FULL or isinstance(error, HubError):
                    raise
            self.on_full_disk(size)

    def _cap(self) -> int | None:
        if self._limit is None:
            return None
        from hfhub.cache.size import parse_limit  # only with a cap

        try:
            return parse_limit(self._limit, self.cache.root)
        except ValueError as error:
            raise ValueError(f"HFHUB_CACHE_MAX_SIZE: {error}") from None
