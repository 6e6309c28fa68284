"""How long a body that breaks off is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.http.retry import Retry

if TYPE_CHECKING:
    from hfhub.errors import HubConnectionError
    from hfhub.settings import Settings

# A connection that brings less than this before it breaks is not opened again at once.
_WORTHWHILE = 1 << 16
_BREATH = 0.25


class Patience:
    """How long a body may bring nothing; each byte that comes makes it anew."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._retry: Retry | None = None

    def after(self, error: HubConnectionError, received: int) -> float:
        """Seconds to wait after a body broke off.

        Args:
            error: how it did.
            received: how many bytes it had brought.

        Raises:
            HubConnectionError: ``error``, if that was the last try.
        """
        if received >= _WORTHWHILE:
            self._retry = None
            return 0.0
        if received or self._retry is None:
            settings = self._settings
            self._retry = Retry(attempts=settings.attempts, deadline=settings.deadline, twice=True)
        wait = self._retry.after_failure()
        if wait is not None:
            return wait
        if received:
            return _BREATH
        raise error
