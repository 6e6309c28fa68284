"""How long a body that breaks off is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.http.retry import Retry

if TYPE_CHECKING:
    from hfhub.errors import HubConnectionError
    from hfhub.settings import Settings

# A connection that brings less than this before it breaks is not opened again at once.
_WORTHWHILE = 1 << 16
# So many in a row that together bring less would be a download without an end.
_BREAKS = 20
_BREATH = 0.25


class Patience:
    """How long a body may bring nothing; bytes that come make it anew, if they are not too few."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._retry: Retry | None = None
        self._brought = 0
        self._breaks = 0

    def after(self, error: HubConnectionError, received: int) -> float:
        """Seconds to wait after a body broke off.

        Args:
            error: how it did.
            received: how many bytes it had brought.

        Raises:
            HubConnectionError: ``error``, if that was the last try.
        """
        self._brought += received
        self._breaks += 1
        if self._brought >= _WORTHWHILE:
            self._brought = self._breaks = 0
        if received >= _WORTHWHILE:
            self._retry = None
            return 0.0
        goes_on = received > 0 and self._breaks < _BREAKS
        if goes_on or self._retry is None:
            settings = self._settings
            self._retry = Retry(attempts=settings.attempts, deadline=settings.deadline, twice=True)
        wait = self._retry.after_failure()
        if wait is not None:
            return wait
        if goes_on:
            return _BREATH
        raise error
