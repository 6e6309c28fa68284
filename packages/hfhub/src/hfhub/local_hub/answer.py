"""A response before it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from hfhub.local_hub.body import Body

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = (204, 304)


@dataclass(slots=True)
class Delivery:
    """How a body goes over the wire when a test wants it to go wrong.

    Attributes:
        rate: bytes per second.
        stop_after: how many bytes are sent before it ends.
        ending: what happens there.
        stall: seconds to say nothing at that point, when ``ending`` is ``"stall"``.
        flip: the byte of the body that gets all its bits turned.
    """

    rate: float | None = None
    stop_after: int | None = None
    ending: Literal["close", "reset", "stall"] = "close"
    stall: float = 0.0
    flip: int | None = None


@dataclass(slots=True)
class Answer:
    """A response before it is sent."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Body = b""
    delivery: Delivery | None = None
    close: bool = False

    @classmethod
    def of_json(cls, value: Any, *, status: int = 200, **headers: str) -> Answer:
        """``value`` as JSON; dates in it become text."""
        return cls.of_json_bytes(to_json(value), status=status, **headers)

    @classmethod
    def of_json_bytes(cls, body: bytes, *, status: int = 200, **headers: str) -> Answer:
        """A body that is JSON already."""
        return cls(status, {"Content-Type": "application/json; charset=utf-8", **headers}, body)

    def head(self) -> bytes:
        """The status line and the headers."""
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if "Content-Length" not in self.headers and self.status not in _BODILESS:
            lines.append(f"Content-Length: {len(self.body)}")
        if self.close:
            lines.append("Connection: close")
        lines.append("\r\n")
        return "\r\n".join(lines).encode("latin-1", "replace")


def to_json(value: Any) -> bytes:
    """``value`` as compact JSON; what JSON does not know, as dates, becomes text."""
    return json.dumps(value, separators=(",", ":"), default=str).encode()
