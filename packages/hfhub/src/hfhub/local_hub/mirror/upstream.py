"""The other Hub, which may be out of reach."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from hfhub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HubConnectionError,
    IntegrityError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    TooManyRequestsError,
)
from hfhub.local_hub import refusals
from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.http import Client
    from hfhub.repo import RepoRef


class Upstream:
    """The other Hub.

    Attributes:
        client: fetches files, with all its patience.
        asking: asks for what the mirror may know already, with little of it.
    """

    def __init__(self, client: Client, fresh_seconds: float) -> None:
        self.client = client
        self.asking = client.with_settings(replace(client.settings, attempts=2))
        self.fresh_seconds = fresh_seconds
        self._lost: tuple[float, str] | None = None

    @contextmanager
    def answers(self, ref: RepoRef) -> Iterator[None]:
        """Turn what keeps the other Hub from answering into an answer of ours.

        When it cannot be reached, it is left alone for ``fresh_seconds``, so that the callers of a
        mirror without a network do not wait for it each time.

        Raises:
            RepositoryNotFoundError, RevisionNotFoundError: as they are.
            Refusal: for everything else.
        """
        if self._lost is not None and time.monotonic() - self._lost[0] < self.fresh_seconds:
            raise _unreachable(self._lost[1])
        try:
            yield
        except GatedRepoError as error:
            raise refusals.gated(ref.kind, ref.id, signed_in=True) from error
        except (RepositoryNotFoundError, RevisionNotFoundError):
            raise
        except EntryNotFoundError as error:
            raise Refusal(404, _line(error), code="EntryNotFound") from error
        except TooManyRequestsError as error:
            raise Refusal(429, _line(error), headers={"Retry-After": "60"}) from error
        except (HubConnectionError, OfflineModeIsEnabled) as error:
            self._lost = time.monotonic(), _line(error)
            raise _unreachable(self._lost[1]) from error
        except (HfHubHTTPError, IntegrityError) as error:
            raise Refusal(502, _line(error)) from error
        self._lost = None


def _unreachable(reason: str) -> Refusal:
    return Refusal(504, f"This mirror does not have it, and cannot reach its Hub: {reason}")


def _line(error: Exception) -> str:
    """The error in one line, as headers have no more."""
    return " ".join(str(error).split())
