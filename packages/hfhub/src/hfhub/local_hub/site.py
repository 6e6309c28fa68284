"""What the answering functions work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.local_hub import refusals

if TYPE_CHECKING:
    from hfhub.local_hub.access import Door, User
    from hfhub.local_hub.call import Call
    from hfhub.local_hub.catalog import Catalog
    from hfhub.local_hub.faults import Met
    from hfhub.local_hub.limits import RateLimits
    from hfhub.local_hub.links import Signer
    from hfhub.local_hub.repository import Commit, Repository


@dataclass
class Site:
    """The parts of one Hub.

    Attributes:
        catalog: its repositories.
        door: who may come in.
        signer: makes links to the second origin.
        limits: counts requests.
        redirect_regular: whether regular files are answered by way of ``/api/resolve-cache/``.
        endpoint: where the first origin is.
        cdn_port: where the second origin is, on the same host.
    """

    catalog: Catalog
    door: Door
    signer: Signer
    limits: RateLimits
    redirect_regular: bool = True
    endpoint: str = ""
    cdn_port: int = 0

    def origin(self, call: Call) -> str:
        """The first origin by the name that the caller knows."""
        host = call.headers.get("host")
        return f"http://{host}" if host else self.endpoint

    def cdn(self, call: Call) -> str:
        """The second origin by the name that the caller knows."""
        host = self.origin(call).rpartition(":")[0] if self._has_port(call) else self.origin(call)
        return f"{host}:{self.cdn_port}"

    def _has_port(self, call: Call) -> bool:
        return self.origin(call).rpartition(":")[2].isdecimal()


@dataclass(frozen=True, slots=True)
class Visit:
    """A call that concerns a repository which its caller may see.

    Attributes:
        call: the call.
        user: who makes it; None for a stranger.
        repository: the one it names.
        rest: the path's segments behind the name, unquoted.
        met: the faults that met it.
    """

    call: Call
    user: User | None
    repository: Repository
    rest: list[str]
    met: Met

    def revision_at(self, place: int) -> tuple[Commit, str]:
        """The commit named by ``rest[place]``, and the path behind it.

        ``refs/convert/parquet`` may come as one quoted segment or as three.

        Raises:
            Refusal: if there is no such revision.
        """
        words = self.rest[place:]
        if not words:
            revision, behind = "main", []
        elif words[0] == "refs" and len(words) >= 3:
            revision, behind = "/".join(words[:3]), words[3:]
        else:
            revision, behind = words[0], words[1:]
        commit = self.repository.resolve(revision)
        if commit is None:
            raise refusals.no_revision(revision)
        return commit, "/".join(behind)
