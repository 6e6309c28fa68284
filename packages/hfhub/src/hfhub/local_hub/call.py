"""A request as it came over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

Origin = Literal["hub", "cdn"]


class BadCall(ValueError):
    """What came over the wire is not a request; the connection is closed after the answer."""


@dataclass
class Call:
    """A request as it came.

    Attributes:
        method: in capitals.
        target: path and query as sent.
        headers: by lower-case name.
        body: read whole.
        origin: which of the two servers it reached.
        file: filled in by whoever answers with a file's bytes: its path in the repository.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    origin: Origin
    file: str | None = None

    @cached_property
    def path(self) -> str:
        """The path, unquoted."""
        return unquote(self.raw_path)

    @cached_property
    def raw_path(self) -> str:
        """The path as sent."""
        return self.target.partition("?")[0]

    @cached_property
    def parts(self) -> list[str]:
        """The path's segments, each unquoted, so that one may hold a slash."""
        raw = self.raw_path[1:].split("/")
        return [unquote(part) for part in raw] if "%" in self.raw_path else raw

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters; ``name[]`` counts as ``name``."""
        return parameters(self.target.partition("?")[2])

    def parameter(self, name: str) -> str | None:
        """The last value of a parameter."""
        values = self.query.get(name)
        return values[-1] if values else None

    def flag(self, name: str) -> bool:
        """Whether a parameter is switched on."""
        return (self.parameter(name) or "").lower() in {"1", "true"}

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The body's parameters, form-encoded or JSON."""
        if "json" in self.headers.get("content-type", ""):
            try:
                values = json.loads(self.body or b"{}")
            except ValueError:
                values = None
            if not isinstance(values, dict):
                return {}
            return {
                name: [str(v) for v in value] if isinstance(value, list) else [str(value)]
                for name, value in values.items()
            }
        return parameters(self.body.decode("utf-8", "replace"))


def parameters(text: str) -> dict[str, list[str]]:
    """A query string or form as lists of values by name."""
    if not text:
        return {}
    found: dict[str, list[str]] = {}
    for name, values in parse_qs(text, keep_blank_values=True).items():
        found.setdefault(name.removesuffix("[]"), []).extend(values)
    return found
