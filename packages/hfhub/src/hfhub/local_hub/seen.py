"""The log of calls that reached a Hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.local_hub.answer import Answer
    from hfhub.local_hub.call import Call, Origin


@dataclass(slots=True)
class Seen:
    """One call, as the server saw it. Tokens are not kept.

    Attributes:
        method: in capitals.
        path: unquoted, without the query.
        target: path and query as sent, without a link's signature.
        status: of the answer.
        origin: which server answered.
        authorized: whether an ``Authorization`` header came.
        headers: the others, by lower-case name.
        file: the path in the repository, if the answer is a file's bytes.
        nbytes: of the body that were sent; what stands in the socket's buffer counts as sent.
    """

    method: str
    path: str
    target: str
    status: int
    origin: Origin
    authorized: bool
    headers: Mapping[str, str]
    file: str | None = None
    nbytes: int = 0

    @classmethod
    def of(cls, call: Call, answer: Answer) -> Seen:
        """What to remember of ``call``."""
        headers = dict(call.headers)
        authorized = headers.pop("authorization", None) is not None
        target = call.raw_path if call.origin == "cdn" else call.target
        return cls(
            call.method,
            call.path,
            target,
            answer.status,
            call.origin,
            authorized,
            headers,
            call.file,
        )

    def add(self, count: int) -> None:
        """Count bytes of the body."""
        self.nbytes += count

    @property
    def is_redirect(self) -> bool:
        """Whether the answer sent the caller on."""
        return 300 <= self.status < 400

    @property
    def range(self) -> str | None:
        """The ``Range`` header."""
        return self.headers.get("range")

    def __str__(self) -> str:
        wanted = f" [{self.range}]" if self.range else ""
        return f"{self.origin} {self.method} {self.target}{wanted} -> {self.status}"
