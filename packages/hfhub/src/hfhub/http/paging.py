"""The next page of a listing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hfhub.errors import HfHubHTTPError
from hfhub.http.address import join_url, parse_url, shown

if TYPE_CHECKING:
    from hfhub.http.response import Response

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\",;]+))*)")
_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.IGNORECASE)


class PagingError(HfHubHTTPError):
    """A listing's link to its next page leads off the origin, or in a circle."""


def next_url(response: Response) -> str | None:
    """The URL of the page after ``response``, or None on the last one.

    Raises:
        PagingError: if it lies on another origin: following it would hand over the token, and
            a listing that is cut short would pass for whole.
    """
    for reference, parameters in _LINK.findall(response.headers.get("link", "")):
        relation = _NEXT.search(parameters)
        if relation is None or "next" not in (relation[1] or relation[2]).lower().split():
            continue
        target: str = reference
        try:
            target = join_url(response.url, reference)
            is_ours = parse_url(target).origin == parse_url(response.url).origin
        except ValueError:
            is_ours = False
        if not is_ours:
            raise PagingError(
                f"the next page of {shown(response.url)} is said to be at {shown(target)}, on "
                "another origin; it was not asked. Set HF_ENDPOINT to the server that answers",
                response=response,
            )
        return target
    return None
