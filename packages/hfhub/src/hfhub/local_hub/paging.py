"""Long answers, a page at a time."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hfhub.local_hub.answer import Answer
from hfhub.local_hub.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfhub.local_hub.call import Call
    from hfhub.local_hub.site import Site


def page(site: Site, call: Call, rows: Sequence[bytes], size: int) -> Answer:
    """The page of ``rows`` (JSON objects) that the cursor asks for, with a link to the next."""
    start = _place(call.parameter("cursor"))
    body = b"[" + b",".join(rows[start : start + size]) + b"]"
    answer = Answer.of_json_bytes(body)
    if start + size < len(rows):
        query = [(name, v) for name, vs in call.query.items() if name != "cursor" for v in vs]
        query.append(("cursor", _cursor(start + size)))
        link = f"{site.origin(call)}{call.raw_path}?{urlencode(query)}"
        answer.headers["Link"] = f'<{link}>; rel="next"'
    return answer


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"at:{place}".encode()).decode()


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, _, place = base64.urlsafe_b64decode(cursor).decode("ascii").partition(":")
    except ValueError:
        word, place = "", ""
    if word != "at" or not place.isdecimal():
        raise Refusal(400, "Invalid cursor")
    return int(place)
